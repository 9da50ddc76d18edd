// SPDX-License-Identifier: Apache-2.0
// The API's front: HTTP in, XML-RPC decoded, the Service's handler called, its reply encoded and
// sent. The io thread moves bytes; decoding, handlers and encoding run on the workers; nobody waits
// for a handler's reply. Owned by the daemon. Wire facts: sheet api.md §1.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "api/call.h"
#include "base/clock.h"
#include "rpc/http_server.h"

namespace nubo::rpc {

struct Settings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 2633;
  std::size_t workers = 4;
  std::size_t longest_queue = 4096;      // requests waiting for a worker; beyond: HTTP 503
  std::chrono::seconds longest_wait{15};  // of a request for a worker; beyond: HTTP 503
  HttpLimits http;
};

class Server {
 public:
  /// `io` runs in one thread and outlives the server and every Done.
  Server(boost::asio::io_context& io, const Clock& clock, Settings settings, api::Service service);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// From here on calls are answered. Code::internal with address, port and reason.
  Status listen();
  std::uint16_t port() const;

  /// No more calls; those in hand get their answer if it comes within `grace`. A Done called later
  /// does nothing. Not from io, a worker or a Done.
  void stop(std::chrono::milliseconds grace);

 private:
  struct Core;
  const Settings settings_;
  std::shared_ptr<Core> core_;
  HttpServer http_;
};

}  // namespace nubo::rpc
