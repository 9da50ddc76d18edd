// SPDX-License-Identifier: Apache-2.0
// What the connections of one HttpServer share: the listener, its connections, what they have used
// up of the limits. Of rpc/http_*.cc alone; on the io thread.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "rpc/http_server.h"
#include "rpc/http_text.h"

namespace nubo::rpc {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

class Session;

struct HttpCore : std::enable_shared_from_this<HttpCore> {
  HttpCore(asio::io_context& context, const Clock& time, HttpLimits bounds, HttpHandler next)
      : io(context),
        acceptor(context),
        pause(context),
        sweep_timer(context),
        clock(time),
        limits(bounds),
        handler(std::move(next)) {}

  void accept();
  void accepted(error_code error, tcp::socket socket);
  void cannot_accept(error_code error);
  bool make_room();
  void sweep();
  void begin_stop();
  void close_all();
  void remove(const std::shared_ptr<Session>& session);

  asio::io_context& io;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  asio::steady_timer sweep_timer;
  const Clock& clock;
  const HttpLimits limits;
  const HttpHandler handler;
  std::uint16_t port = 0;

  // On the io thread:
  std::unordered_set<std::shared_ptr<Session>> sessions;
  std::list<Session*> waiting;  // for a request's head, the longest first
  std::array<char, 64UL * 1024> received;
  ServerDate date;
  std::size_t bodies_bytes = 0;
  std::size_t answers_bytes = 0;
  bool is_refused = false;  // the last connection, by the system
  bool is_stopping = false;

  // For stop(), which waits on another thread:
  std::mutex mutex;
  std::condition_variable changed;
  bool is_drained = false;
};

}  // namespace nubo::rpc
