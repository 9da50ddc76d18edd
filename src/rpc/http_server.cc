// SPDX-License-Identifier: Apache-2.0
#include "rpc/http_server.h"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <ctime>
#include <limits>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "rpc/codec.h"

namespace nubo::rpc {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t refusals_at_once = 64;
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::milliseconds sweep_period{250};
constexpr std::chrono::milliseconds last_wait{1000};

api::Fault too_large_fault(std::size_t limit) {
  return {api::FaultCode::limit_exceeded,
          fmt::format("The call is larger than MESSAGE_SIZE ({} bytes)", limit)};
}

std::string http_date(EpochSeconds now) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(now.count());
  std::tm t{};
  ::gmtime_r(&seconds, &t);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     days.at(static_cast<std::size_t>(t.tm_wday)), t.tm_mday,
                     months.at(static_cast<std::size_t>(t.tm_mon)), t.tm_year + 1900, t.tm_hour,
                     t.tm_min, t.tm_sec);
}

}  // namespace

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
  std::size_t bodies_bytes = 0;
  bool is_stopping = false;

  // For stop(), which waits on another thread:
  std::mutex mutex;
  std::condition_variable changed;
  bool is_drained = false;
};

/// One connection: request, answer, request … On the io thread only.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<HttpCore> core, tcp::socket socket)
      : core_(std::move(core)), socket_(std::move(socket)) {}

  void start();
  /// Says that there are too many connections.
  void refuse();
  /// Closes when no request is being answered, else afterwards.
  void finish();
  void close();
  /// Ends what takes longer than it may.
  void expire(SteadyTime now);
  void answer(std::string document);

 private:
  enum class Phase { idle, reading, answering, writing, lingering, closed };

  void read_header();
  void header_read(error_code error);
  bool refuse_header();
  void read_body();
  void body_read(error_code error);
  void failed(error_code error);
  void hand_over();
  void send_error(int status, std::string_view text);
  void send(int status, std::string_view type, std::string body);
  void sent(error_code error);
  void linger();
  void set_deadline(std::chrono::milliseconds time, std::size_t bytes = 0);
  void release_body();

  const std::shared_ptr<HttpCore> core_;
  tcp::socket socket_;
  Phase phase_ = Phase::idle;
  SteadyTime deadline_{};
  bool has_expired_ = false;
  bool keeps_alive_ = true;
  std::size_t requests_ = 0;
  std::size_t charged_bytes_ = 0;  // of HttpCore::bodies_bytes
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string head_;  // of the answer being written
  std::string body_;
};

namespace {

/// What a Respond holds: sees to it that a session is answered once, or closed, on the io thread.
class Answer {
 public:
  explicit Answer(std::shared_ptr<Session> session, asio::io_context& io)
      : session_(std::move(session)), io_(io) {}

  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  ~Answer() {
    if (session_) asio::post(io_, [session = std::move(session_)] { session->close(); });
  }

  /// The session has been answered another way.
  void drop() { session_.reset(); }

  void give(std::string document) {
    asio::post(io_,
               [session = std::exchange(session_, nullptr), text = std::move(document)]() mutable {
                 if (session) session->answer(std::move(text));
               });
  }

 private:
  std::shared_ptr<Session> session_;
  asio::io_context& io_;
};

std::string_view reason_of(int status) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(status));
  return {reason.data(), reason.size()};
}

}  // namespace

void Session::start() {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  read_header();
}

void Session::refuse() {
  keeps_alive_ = false;
  send_error(503, "Too many connections");
}

void Session::finish() {
  keeps_alive_ = false;
  if (phase_ == Phase::idle || phase_ == Phase::reading || phase_ == Phase::lingering) close();
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  release_body();
  error_code ignored;
  socket_.close(ignored);
  core_->remove(shared_from_this());
}

void Session::expire(SteadyTime now) {
  if (phase_ == Phase::answering || phase_ == Phase::closed || now < deadline_) return;
  const bool is_slow_request = phase_ == Phase::reading || (parser_ && parser_->got_some());
  if (phase_ == Phase::writing || phase_ == Phase::lingering || !is_slow_request) return close();
  has_expired_ = true;  // the pending read fails and failed() tells the client
  error_code ignored;
  socket_.cancel(ignored);
}

void Session::set_deadline(std::chrono::milliseconds time, std::size_t bytes) {
  const auto for_bytes = std::chrono::seconds(bytes / core_->limits.slowest_bytes_per_second);
  deadline_ = core_->clock.steady() + time + for_bytes;
}

void Session::release_body() { core_->bodies_bytes -= std::exchange(charged_bytes_, 0); }

void Session::read_header() {
  phase_ = Phase::idle;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_->limits.header_bytes));
  // refuse_header() looks at the length; Beast 1.74 takes boost::none for "nothing at all".
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  set_deadline(requests_ == 0 ? core_->limits.transfer : core_->limits.idle);
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->header_read(error); });
}

void Session::header_read(error_code error) {
  if (phase_ == Phase::closed) return;
  if (error) return failed(error);
  ++requests_;
  const std::size_t most = core_->limits.requests_per_connection;
  keeps_alive_ = parser_->keep_alive() && !core_->is_stopping && (most == 0 || requests_ < most);
  if (refuse_header()) return;
  const bool waits = parser_->get()[http::field::expect] == "100-continue";
  phase_ = Phase::reading;
  set_deadline(core_->limits.transfer, charged_bytes_);
  if (!waits) return read_body();
  head_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(head_),
                    [self = shared_from_this()](error_code write_error, std::size_t) {
                      if (write_error) return self->close();
                      self->read_body();
                    });
}

bool Session::refuse_header() {
  const auto& request = parser_->get();
  const auto refuse_with = [this](int status, std::string_view text) {
    send_error(status, text);
    return true;
  };
  if (request.target() != "/RPC2") return refuse_with(404, "Not found");
  if (request.method() != http::verb::post) return refuse_with(405, "Only POST is allowed here");
  const auto length = parser_->content_length();
  if (!length) return refuse_with(411, "Content-Length is missing");
  if (*length == 0) return refuse_with(400, "The request is empty");
  if (*length > core_->limits.body_bytes) {
    keeps_alive_ = false;
    send(200, "text/xml; charset=utf-8", encode_answer(too_large_fault(core_->limits.body_bytes)));
    return true;
  }
  if (*length > core_->limits.all_bodies_bytes - core_->bodies_bytes) {
    return refuse_with(503, "Too many large requests at once");
  }
  charged_bytes_ = *length;
  core_->bodies_bytes += charged_bytes_;
  return false;
}

void Session::read_body() {
  http::async_read(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->body_read(error); });
}

void Session::body_read(error_code error) {
  if (phase_ == Phase::closed) return;
  if (error) return failed(error);
  hand_over();
}

// An error that the client can mend is told; a connection that is gone is closed.
void Session::failed(error_code error) {
  if (has_expired_) return send_error(408, "The request took too long");
  if (error == http::error::header_limit) return send_error(431, "The header is too large");
  const bool is_gone = error == http::error::end_of_stream ||
                       error == http::error::partial_message ||
                       error.category() != make_error_code(http::error::bad_method).category();
  if (is_gone) return close();
  send_error(400, "This is no HTTP request");
}

void Session::hand_over() {
  phase_ = Phase::answering;
  error_code ignored;
  const auto peer = socket_.remote_endpoint(ignored);
  auto answer = std::make_shared<Answer>(shared_from_this(), core_->io);
  HttpRequest request{std::move(parser_->get().body()), {peer.address().to_string(), peer.port()}};
  const bool is_taken = core_->handler(
      std::move(request), [answer](std::string document) { answer->give(std::move(document)); });
  if (!is_taken) {
    send(503, "text/html", "<html><body>Overloaded, try again</body></html>");
    answer->drop();
  }
}

void Session::answer(std::string document) {
  if (phase_ != Phase::answering) return;
  if (core_->is_stopping) keeps_alive_ = false;
  send(200, "text/xml; charset=utf-8", std::move(document));
}

void Session::send_error(int status, std::string_view text) {
  keeps_alive_ = false;  // what follows in the stream may be the rest of the refused request
  send(status, "text/html; charset=utf-8",
       fmt::format("<html><head><title>{0} {1}</title></head><body>{2}</body></html>\n", status,
                   reason_of(status), text));
}

void Session::send(int status, std::string_view type, std::string body) {
  release_body();
  phase_ = Phase::writing;
  body_ = std::move(body);
  head_ = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-type: {}\r\nContent-length: {}\r\nConnection: {}\r\nDate: {}\r\n"
      "Server: nubo\r\n{}\r\n",
      status, reason_of(status), type, body_.size(), keeps_alive_ ? "keep-alive" : "close",
      http_date(core_->clock.now()), status == 405 ? "Allow: POST\r\n" : "");
  set_deadline(core_->limits.transfer, body_.size());
  asio::async_write(
      socket_, std::array{asio::buffer(head_), asio::buffer(body_)},
      [self = shared_from_this()](error_code error, std::size_t) { self->sent(error); });
}

void Session::sent(error_code error) {
  if (phase_ == Phase::closed) return;
  body_ = {};
  if (error) return close();
  if (keeps_alive_) return read_header();
  if (core_->is_stopping) return close();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  phase_ = Phase::lingering;
  set_deadline(core_->limits.transfer);
  linger();
}

// Closing with bytes unread would reset the connection and take the answer away from the client.
void Session::linger() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(64 * 1024),
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (self->phase_ == Phase::closed) return;
                            if (error) return self->close();
                            self->linger();
                          });
}

void HttpCore::accept() {
  acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
    self->accepted(error, std::move(socket));
  });
}

void HttpCore::accepted(error_code error, tcp::socket socket) {
  if (is_stopping) return;
  if (error) {  // mostly "too many open files": it passes when connections close
    log_warning("rpc", "cannot accept a connection: {}", error.message());
    pause.expires_after(accept_pause);
    pause.async_wait([self = shared_from_this()](error_code cancelled) {
      if (!cancelled) self->accept();
    });
    return;
  }
  if (sessions.size() < limits.connections + refusals_at_once) {
    const auto session = std::make_shared<Session>(shared_from_this(), std::move(socket));
    sessions.insert(session);
    sessions.size() > limits.connections ? session->refuse() : session->start();
  }
  accept();
}

void HttpCore::sweep() {
  sweep_timer.expires_after(sweep_period);
  sweep_timer.async_wait([self = shared_from_this()](error_code cancelled) {
    if (cancelled) return;
    const SteadyTime now = self->clock.steady();
    const auto all = self->sessions;  // expire() takes some out
    for (const auto& session : all) session->expire(now);
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
