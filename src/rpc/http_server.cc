// SPDX-License-Identifier: Apache-2.0
#include "rpc/http_server.h"

#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "base/log.h"
#include "rpc/http_core.h"
#include "rpc/http_session.h"

namespace nubo::rpc {
namespace {

constexpr std::size_t refusals_at_once = 64;
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::milliseconds sweep_period{250};
constexpr std::chrono::milliseconds last_wait{1000};

}  // namespace

void HttpCore::accept() {
  acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
    self->accepted(error, std::move(socket));
  });
}

void HttpCore::accepted(error_code error, tcp::socket socket) {
  if (is_stopping) return;
  if (error) return cannot_accept(error);
  is_refused = false;
  const bool fits = sessions.size() < limits.connections || make_room();
  if (fits || sessions.size() < limits.connections + refusals_at_once) {
    const auto session = std::make_shared<Session>(shared_from_this(), std::move(socket));
    sessions.insert(session);
    fits ? session->start() : session->refuse();
  }
  accept();
}

// Mostly "too many open files": it passes when connections close.
void HttpCore::cannot_accept(error_code error) {
  if (!std::exchange(is_refused, true)) {
    log_warning("rpc", "cannot accept a connection: {}", error.message());
  }
  make_room();
  pause.expires_after(accept_pause);
  pause.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->accept();
  });
}

/// Closes the connection that waits longest for a request, unless it has just begun to.
bool HttpCore::make_room() {
  if (waiting.empty()) return false;
  Session& oldest = *waiting.front();
  if (clock.steady() - oldest.waits_since() < limits.gives_way_after) return false;
  oldest.close();
  return true;
}

void HttpCore::sweep() {
  sweep_timer.expires_after(sweep_period);
  sweep_timer.async_wait([self = shared_from_this()](error_code cancelled) {
    if (cancelled) return;
    const SteadyTime now = self->clock.steady();
    std::vector<std::shared_ptr<Session>> due;  // expire() takes some out of sessions
    for (const auto& session : self->sessions) {
      if (session->is_due(now)) due.push_back(session);
    }
    for (const auto& session : due) session->expire();
    self->sweep();
  });
}

void HttpCore::remove(const std::shared_ptr<Session>& session) {
  sessions.erase(session);
  if (!is_stopping || !sessions.empty()) return;
  sweep_timer.cancel();
  {
    const std::lock_guard lock(mutex);
    is_drained = true;
  }
  changed.notify_all();
}

void HttpCore::begin_stop() {
  is_stopping = true;
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  const auto all = sessions;
  for (const auto& session : all) session->finish();
  remove(nullptr);
}

void HttpCore::close_all() {
  const auto all = sessions;
  for (const auto& session : all) session->close();
}

HttpServer::HttpServer(asio::io_context& io, const Clock& clock, HttpLimits limits,
                       HttpHandler handler)
    : core_(std::make_shared<HttpCore>(io, clock, limits, std::move(handler))) {}

HttpServer::~HttpServer() { stop(std::chrono::milliseconds(0)); }

Status HttpServer::listen(const std::string& address, std::uint16_t port) {
  const auto failed = [&address, port](const error_code& error) {
    return fail(Code::internal, "cannot listen on {}:{}: {}", address, port, error.message());
  };
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) return failed(error);
  const tcp::endpoint endpoint(ip, port);
  tcp::acceptor& acceptor = core_->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.set_option(tcp::no_delay(true), error);  // connections inherit it
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(core_->limits.backlog, error);
  if (error) return failed(error);
  core_->port = acceptor.local_endpoint(error).port();
  asio::post(core_->io, [core = core_] {
    core->accept();
    core->sweep();
  });
  return ok();
}

std::uint16_t HttpServer::port() const { return core_->port; }

void HttpServer::stop(std::chrono::milliseconds grace) {
  const auto drained = [core = core_] { return core->is_drained; };
  asio::post(core_->io, [core = core_] { core->begin_stop(); });
  std::unique_lock lock(core_->mutex);
  if (core_->changed.wait_for(lock, grace, drained)) return;
  lock.unlock();
  asio::post(core_->io, [core = core_] { core->close_all(); });
  lock.lock();
  core_->changed.wait_for(lock, last_wait, drained);
}

}  // namespace nubo::rpc
