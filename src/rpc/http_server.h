// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 for the API: POST /RPC2 in, one document out, connections kept open. All of it runs on
// the io thread; a request's body is handed to the handler, which answers from any thread. A long
// answer is asked for piece by piece as its reader takes it, so a slow one costs two pieces. Beast
// is the HTTP library and stays behind http_session.cc. What is answered beyond a limit:
// docs/api.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/call.h"
#include "base/clock.h"
#include "base/result.h"

namespace boost::asio {
class io_context;
}

namespace nubo::rpc {

struct HttpCore;

struct HttpLimits {
  std::size_t connections = 16 * 1024;         // beyond: the one idle longest goes, or 503
  std::size_t header_bytes = 16 * 1024;        // beyond: 431
  std::size_t body_bytes = 16 * 1024 * 1024;   // beyond: fault -509
  std::size_t small_body_bytes = 64 * 1024;    // are taken whatever the large ones have used up:
  std::size_t large_bodies_bytes = 256 << 20;  // of all at one time; beyond: 503
  std::size_t answers_bytes = 1 << 30;         // kept for long answers; beyond: 503
  std::size_t requests_per_connection = 0;     // 0: no limit
  std::chrono::seconds idle{60};               // of a kept connection
  std::chrono::seconds transfer{15};           // of a header; bodies get more as they come
  std::size_t slowest_bytes_per_second = 16 * 1024;
  std::chrono::milliseconds gives_way_after{50};  // idle, to a new connection
  int backlog = 4096;
};

struct HttpRequest {
  std::string body;
  api::Peer peer;
};

struct HttpAnswer {
  std::string first;                       // the first piece, or all of it
  std::size_t size = first.size();         // of all pieces
  std::size_t kept_bytes = 0;              // what `next` holds meanwhile
  std::function<std::string()> next = {};  // the next piece; called as work of the handler
  bool is_busy = false;                    // HTTP 503 instead, for it was not carried out
};

/// Takes the one answer of a request, from any thread. Gone uncalled, the connection is closed.
using Respond = std::function<void(HttpAnswer)>;

struct HttpHandler {
  /// Runs on the io thread and must not block; false says "overloaded" (HTTP 503).
  std::function<bool(HttpRequest, Respond)> take;
  /// Has it run soon on another thread.
  std::function<void(std::function<void()>)> work;
};

class HttpServer {
 public:
  /// `io` runs in one thread and outlives the server and every Respond.
  HttpServer(boost::asio::io_context& io, const Clock& clock, HttpLimits limits,
             HttpHandler handler);
  ~HttpServer();

  /// Binds and accepts. Code::internal with address, port and reason; port 0 takes a free one.
  Status listen(const std::string& address, std::uint16_t port);
  std::uint16_t port() const;

  /// No more connections and requests; those being answered may finish until the time is over, then
  /// all are closed. Not from the io thread.
  void stop(std::chrono::milliseconds grace);

 private:
  std::shared_ptr<HttpCore> core_;
};

}  // namespace nubo::rpc
