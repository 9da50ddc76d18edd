// SPDX-License-Identifier: Apache-2.0
#include "ssh/exchange.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/utf8.h"
#include "ssh/quote.h"

namespace nubo::ssh {

namespace {

constexpr std::size_t longest_request = 30'000;  // libssh2 sends it in one packet
constexpr Milliseconds keep_alive_period{15'000};

}  // namespace

Exchange::Exchange(Session::State& session, const Command& command, Waiter& waiter)
    : session_(session), command_(command), waiter_(waiter), channel_(session.channel.get()) {}

Result<Outcome> Exchange::to_end() {
  NUBO_CHECK(start());
  while (::libssh2_channel_eof(channel_) == 0) {
    moved_ = false;
    NUBO_CHECK(carry());
    if (!moved_ && ::libssh2_channel_eof(channel_) == 0) NUBO_CHECK(idle());
  }
  return finish();
}

Status Exchange::start() {
  std::string request = "exec sh -s";
  if (command_.has_input()) {
    request = "exec sh -c " + quote(with_prelude(command_.script));
    to_send_ = command_.input;
  } else {
    lifeline_ = with_lifeline(command_.script);
    to_send_ = lifeline_;
  }
  if (request.size() > longest_request)
    return fail(Code::internal, "a script with input is too long for {}", session_.node);
  ::libssh2_keepalive_config(session_.session.get(), 1,
                             static_cast<unsigned>(keep_alive_period.count() / 1000));
  return session_.drive(waiter_, "start a command on", [this, &request] {
    return ::libssh2_channel_process_startup(channel_, "exec", 4, request.data(),
                                             static_cast<unsigned>(request.size()));
  });
}

Status Exchange::carry() {
  NUBO_CHECK(read_output());
  NUBO_CHECK(read_error());
  return input_done_ ? ok() : write_input();
}

template <class Call>
Result<ssize_t> Exchange::settle(Call call) {
  for (;;) {
    const ssize_t result = call();
    if (result >= 0 || result == LIBSSH2_ERROR_EAGAIN) {
      if (result >= 0 || !session_.blocked_on_sending()) return result;
    } else {
      return session_.failure("lost the connection to");
    }
    if (const Status status = waiter_.wait(session_.socket.get(), POLLOUT); !status)
      return fail(Code::internal, "send to {}: {}", session_.node, status.error().message);
  }
}

Status Exchange::read_output() {
  std::array<char, chunk> bytes;
  for (;;) {
    NUBO_TRY(const ssize_t got, settle([this, &bytes] {
               return ::libssh2_channel_read(channel_, bytes.data(), bytes.size());
             }));
    if (got <= 0) return ok();
    moved_ = true;
    const std::string_view part(bytes.data(), static_cast<std::size_t>(got));
    if (command_.output_fd >= 0) {
      NUBO_CHECK(write_out(part));
    } else if (outcome_.out.size() + part.size() > command_.output_limit) {
      return fail(Code::internal, "a command on {} printed more than {} bytes", session_.node,
                  command_.output_limit);
    } else {
      outcome_.out += part;
    }
  }
}

Status Exchange::read_error() {
  std::array<char, chunk> bytes;
  for (;;) {
    NUBO_TRY(const ssize_t got, settle([this, &bytes] {
               return ::libssh2_channel_read_stderr(channel_, bytes.data(), bytes.size());
             }));
    if (got <= 0) return ok();
    moved_ = true;
    const std::size_t room = command_.output_limit - outcome_.err.size();
    outcome_.err.append(bytes.data(), std::min(static_cast<std::size_t>(got), room));
  }
}

Status Exchange::write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(command_.output_fd, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno == EAGAIN)
      NUBO_CHECK(waiter_.wait(command_.output_fd, POLLOUT));
    else if (errno != EINTR)
      return fail(Code::internal, "cannot keep what {} sends: {}", session_.node,
                  std::strerror(errno));
  }
  return ok();
}

Status Exchange::write_input() {
  for (;;) {
    NUBO_CHECK(refill());
    if (to_send_.empty()) return ok();
    NUBO_TRY(const ssize_t sent, settle([this] {
               return ::libssh2_channel_write(channel_, to_send_.data(),
                                              std::min(to_send_.size(), chunk));
             }));
    if (sent <= 0) return ok();
    moved_ = true;
    to_send_.remove_prefix(static_cast<std::size_t>(sent));
    // One chunk a round, so that the outputs flow meanwhile.
    if (command_.input_fd >= 0) return ok();
  }
}

// Gets more input when all was sent; at its end tells the node so. A lifeline has no end.
Status Exchange::refill() {
  if (!to_send_.empty() || !command_.has_input()) return ok();
  if (command_.input_fd >= 0) {
    const ssize_t got = ::read(command_.input_fd, from_fd_.data(), from_fd_.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return ok();
    if (got < 0)
      return fail(Code::internal, "cannot read what is sent to {}: {}", session_.node,
                  std::strerror(errno));
    to_send_ = std::string_view(from_fd_.data(), static_cast<std::size_t>(got));
  }
  if (!to_send_.empty()) return ok();
  input_done_ = true;
  return session_.drive(waiter_, "end the input on",
                        [this] { return ::libssh2_channel_send_eof(channel_); });
}

// Nothing to do: until the node says something, or the source of the input does.
Status Exchange::idle() {
  const bool wants_input = !input_done_ && command_.input_fd >= 0 && to_send_.empty();
  std::array<pollfd, 2> fds{
      {{session_.socket.get(), POLLIN, 0}, {wants_input ? command_.input_fd : -1, POLLIN, 0}}};
  if (const Status status = waiter_.wait(fds, keep_alive_period); !status)
    return fail(Code::internal, "run a command on {}: {}", session_.node, status.error().message);
  if (fds[0].revents != 0 || fds[1].revents != 0) return ok();
  return session_.drive(waiter_, "keep the connection to", [this] {
    int seconds_to_next = 0;
    return ::libssh2_keepalive_send(session_.session.get(), &seconds_to_next);
  });
}

Result<Outcome> Exchange::finish() {
  NUBO_CHECK(session_.drive(waiter_, "end a command on",
                            [this] { return ::libssh2_channel_close(channel_); }));
  NUBO_CHECK(session_.drive(waiter_, "end a command on",
                            [this] { return ::libssh2_channel_wait_closed(channel_); }));
  outcome_.exit_status = ::libssh2_channel_get_exit_status(channel_);
  char* signal = nullptr;
  ::libssh2_channel_get_exit_signal(channel_, &signal, nullptr, nullptr, nullptr, nullptr, nullptr);
  if (signal != nullptr) {
    outcome_.exit_status = 255;
    ::libssh2_free(session_.session.get(), signal);
  }
  NUBO_CHECK(session_.drive(waiter_, "end a command on",
                            [this] { return ::libssh2_channel_free(channel_); }));
  (void)session_.channel.release();
  outcome_.out = to_valid_utf8(outcome_.out);
  outcome_.err = to_valid_utf8(outcome_.err);
  return std::move(outcome_);
}

Result<Outcome> Session::run(const Command& command, const driver::Context& context) {
  Waiter waiter(context);
  return Exchange(*state_, command, waiter).to_end();
}

}  // namespace nubo::ssh
