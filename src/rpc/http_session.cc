// SPDX-License-Identifier: Apache-2.0
#include "rpc/http_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/beast/http.hpp>
#include <limits>
#include <utility>

#include "rpc/codec.h"

namespace nubo::rpc {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t reserved_body = 1024 * 1024;  // what a length alone makes us set aside
constexpr std::string_view xml_type = "text/xml; charset=utf-8";
constexpr std::string_view html_type = "text/html; charset=utf-8";
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

api::Fault too_large_fault(std::size_t limit) {
  return {api::FaultCode::limit_exceeded,
          fmt::format("The call is larger than MESSAGE_SIZE ({} bytes)", limit)};
}

/// What a Respond holds: sees to it that a session is answered once, or closed, on the io thread.
class Pending {
 public:
  explicit Pending(std::shared_ptr<Session> session, asio::io_context& io)
      : session_(std::move(session)), io_(io) {}

  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  ~Pending() {
    if (session_) asio::post(io_, [session = std::move(session_)] { session->close(); });
  }

  /// The session has been answered another way.
  void drop() { session_.reset(); }

  void give(HttpAnswer answer) {
    asio::post(io_,
               [session = std::exchange(session_, nullptr), given = std::move(answer)]() mutable {
                 if (session) session->answer(std::move(given));
               });
  }

 private:
  std::shared_ptr<Session> session_;
  asio::io_context& io_;
};

}  // namespace

struct HeadParser : http::request_parser<http::empty_body> {};

Session::Session(std::shared_ptr<HttpCore> core, tcp::socket socket)
    : core_(std::move(core)), socket_(std::move(socket)) {}

Session::~Session() = default;

void Session::start() {
  error_code error;
  socket_.non_blocking(true, error);
  if (error) return close();
  await_request();
}

void Session::refuse() {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  send_error(503, "Too many connections");
}

void Session::finish() {
  keeps_alive_ = false;
  if (phase_ != Phase::answering && phase_ != Phase::writing) close();
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  enter(Phase::closed);
  release();
  error_code ignored;
  socket_.close(ignored);
  core_->remove(shared_from_this());
}

bool Session::is_due(SteadyTime now) const {
  return phase_ != Phase::answering && now >= deadline_;
}

void Session::expire() {
  if (phase_ ==
      Phase::writing) {  // a reset, or the kernel would keep what the client does not take
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  }
  if (phase_ != Phase::head && phase_ != Phase::body) return close();
  send_error(408, "The request took too long");
}

void Session::enter(Phase phase) {
  const auto waits = [](Phase at) { return at == Phase::idle || at == Phase::head; };
  if (waits(phase) && !waits(phase_)) {
    began_ = core_->clock.steady();
    place_ = core_->waiting.insert(core_->waiting.end(), this);
  }
  if (waits(phase_) && !waits(phase)) core_->waiting.erase(place_);
  phase_ = phase;
}

// A transfer may go on for as long as it keeps the least rate, and never stands still for longer
// than the time of a header.
void Session::progress(std::size_t bytes) {
  const HttpLimits& limits = core_->limits;
  const auto earned = std::chrono::seconds(bytes / limits.slowest_bytes_per_second);
  deadline_ = std::min(began_ + earned, core_->clock.steady()) + limits.transfer;
}

void Session::release() {
  core_->bodies_bytes -= std::exchange(charged_body_, 0);
  core_->answers_bytes -= std::exchange(charged_answer_, 0);
  next_ = {};
  ahead_.reset();
}

void Session::await_request() {
  enter(Phase::idle);
  deadline_ = began_ + (requests_ == 0 ? core_->limits.transfer : core_->limits.idle);
  if (received_.empty()) return await_bytes();
  asio::post(core_->io, [self = shared_from_this()] {  // not nested: many may follow one another
    if (self->phase_ == Phase::idle) self->take_head(std::exchange(self->received_, {}));
  });
}

void Session::await_bytes() {
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
    if (!error) self->read_bytes();
  });
}

void Session::read_bytes() {
  const bool is_reading = phase_ == Phase::idle || phase_ == Phase::head || phase_ == Phase::body ||
                          phase_ == Phase::lingering;
  if (!is_reading) return;
  error_code error;
  const std::size_t size = socket_.read_some(asio::buffer(core_->received), error);
  if (error == asio::error::would_block) return await_bytes();
  if (error) return close();
  const std::string_view bytes(core_->received.data(), size);
  if (phase_ == Phase::lingering) return await_bytes();
  if (phase_ == Phase::body) return take_body(bytes);
  if (received_.empty()) return take_head(bytes);
  received_ += bytes;
  take_head(std::exchange(received_, {}));
}

void Session::take_head(std::string_view bytes) {
  if (phase_ == Phase::idle) {
    enter(Phase::head);
    deadline_ = core_->clock.steady() + core_->limits.transfer;
    parser_ = std::make_unique<HeadParser>();
    parser_->header_limit(static_cast<std::uint32_t>(core_->limits.header_bytes));
    // refuse_request() looks at the length; Beast 1.74 takes boost::none for "nothing at all".
    parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  }
  error_code error;
  bytes.remove_prefix(parser_->put(asio::buffer(bytes), error));
  if (parser_->is_header_done() && !error) return head_read(bytes);
  if (error && error != http::error::need_more) return refuse_head(error);
  received_ = bytes;
  await_bytes();
}

void Session::refuse_head(error_code error) {
  if (error == http::error::header_limit) return send_error(431, "The header is too large");
  send_error(400, "This is no HTTP request");
}

void Session::head_read(std::string_view rest) {
  ++requests_;
  const std::size_t most = core_->limits.requests_per_connection;
  client_closes_ = !parser_->keep_alive();
  keeps_alive_ = !client_closes_ && !core_->is_stopping && (most == 0 || requests_ < most);
  enter(Phase::body);
  if (refuse_request()) return;
  const bool waits = rest.empty() && parser_->get()[http::field::expect] == "100-continue";
  length_ = *parser_->content_length();
  parser_.reset();
  body_.reserve(std::min(length_, reserved_body));
  began_ = core_->clock.steady();
  error_code error;
  if (waits && socket_.write_some(asio::buffer(go_on), error) < go_on.size()) return close();
  take_body(rest);
}

/// Whether it has answered already, for nothing else can be answered.
bool Session::refuse_request() {
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
  const std::size_t most = core_->limits.body_bytes;
  if (*length <= most) return false;
  closes_after_answer();
  send(200, xml_type, {.first = encode_answer(too_large_fault(most))});
  return true;
}

void Session::take_body(std::string_view bytes) {
  const std::string_view ours = bytes.substr(0, length_ - body_.size());
  const HttpLimits& limits = core_->limits;
  if (length_ > limits.small_body_bytes) {
    if (ours.size() > limits.large_bodies_bytes - core_->bodies_bytes) {
      return send_error(503, "Too many large requests at once");
    }
    charged_body_ += ours.size();
    core_->bodies_bytes += ours.size();
  }
  body_ += ours;
  if (body_.size() < length_) {
    progress(body_.size());
    return await_bytes();
  }
  received_ = bytes.substr(ours.size());
  hand_over();
}

void Session::hand_over() {
  enter(Phase::answering);
  if (!peer_) {
    error_code ignored;
    const auto peer = socket_.remote_endpoint(ignored);
    peer_ = api::Peer{peer.address().to_string(), peer.port()};
  }
  const auto pending = std::make_shared<Pending>(shared_from_this(), core_->io);
  const bool is_taken =
      core_->handler.take({std::exchange(body_, {}), *peer_},
                          [pending](HttpAnswer answer) { pending->give(std::move(answer)); });
  if (is_taken) return;
  pending->drop();
  send_busy();
}

void Session::answer(HttpAnswer answer) {
  if (phase_ != Phase::answering) return;
  if (core_->is_stopping) keeps_alive_ = false;
  if (answer.is_busy) return send_busy();
  if (answer.next) {
    if (answer.kept_bytes > core_->limits.answers_bytes - core_->answers_bytes) return send_busy();
    charged_answer_ = answer.kept_bytes;
    core_->answers_bytes += charged_answer_;
  }
  send(200, xml_type, std::move(answer));
}

// What follows in the stream may be the rest of a refused request.
void Session::closes_after_answer() {
  keeps_alive_ = false;
  client_closes_ = false;
}

void Session::send_error(int status, std::string_view text) {
  closes_after_answer();
  send(status, html_type, {.first = error_page(status, text)});
}

// The connection stays: what comes next may be answered.
void Session::send_busy() {
  send(503, html_type, {.first = error_page(503, "Overloaded, try again")});
}

void Session::send(int status, std::string_view type, HttpAnswer answer) {
  core_->bodies_bytes -= std::exchange(charged_body_, 0);
  enter(Phase::writing);
  parser_.reset();
  head_ = http_head({status, type, answer.size, keeps_alive_}, core_->date.at(core_->clock.now()));
  to_come_ = answer.size - answer.first.size();
  piece_ = std::move(answer.first);
  next_ = std::move(answer.next);
  written_before_ = written_ = 0;
  began_ = core_->clock.steady();
  progress(0);
  ask_for_piece();
  write();
}

void Session::write() {
  while (phase_ == Phase::writing) {
    if (!write_ready()) return;
    written_before_ += written_;
    progress(written_before_);
    if (to_come_ == 0 && !ahead_) return sent();
    head_.clear();
    piece_.clear();
    written_ = 0;
    if (!ahead_) {
      is_starved_ = true;
      return;
    }
    piece_ = *std::exchange(ahead_, {});
    ask_for_piece();
  }
}

// Writes head and piece as far as the client takes them; whether that is all.
bool Session::write_ready() {
  while (written_ < head_.size() + piece_.size()) {
    const std::size_t of_head = std::min(written_, head_.size());
    const std::size_t of_piece = written_ - of_head;
    error_code error;
    written_ += socket_.write_some(
        std::array{asio::buffer(head_) + of_head, asio::buffer(piece_) + of_piece}, error);
    if (error == asio::error::would_block) {
      socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](error_code failed) {
        if (!failed) self->write();
      });
      return false;
    }
    if (error) return close(), false;
  }
  return true;
}

void Session::ask_for_piece() {
  if (to_come_ == 0) return;
  core_->handler.work([self = shared_from_this(), next = next_] {
    asio::post(self->core_->io,
               [self, piece = next()]() mutable { self->piece_ready(std::move(piece)); });
  });
}

void Session::piece_ready(std::string piece) {
  if (phase_ != Phase::writing) return;
  if (piece.empty() || piece.size() > to_come_) return close();
  to_come_ -= piece.size();
  ahead_ = std::move(piece);
  if (std::exchange(is_starved_, false)) write();
}

void Session::sent() {
  head_ = {};
  piece_ = {};
  release();
  if (keeps_alive_) return await_request();
  if (core_->is_stopping || (client_closes_ && received_.empty())) return close();
  // Closing with bytes unread would reset the connection and take the answer from the client.
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  enter(Phase::lingering);
  received_ = {};
  deadline_ = core_->clock.steady() + core_->limits.transfer;
  await_bytes();
}

}  // namespace nubo::rpc
