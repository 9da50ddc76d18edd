// SPDX-License-Identifier: Apache-2.0
// The inside of a Session: libssh2's handles, and how its calls are driven to their end without
// blocking.
#pragma once

#include <libssh2.h>
#include <sys/socket.h>

#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "ssh/session.h"
#include "ssh/waiter.h"

namespace nubo::ssh {

struct FreeSession {
  void operator()(LIBSSH2_SESSION* session) const { ::libssh2_session_free(session); }
};

struct FreeChannel {
  void operator()(LIBSSH2_CHANNEL* channel) const { ::libssh2_channel_free(channel); }
};

struct Session::State {
  std::string node;
  Fd socket;
  std::unique_ptr<LIBSSH2_SESSION, FreeSession> session;
  std::unique_ptr<LIBSSH2_CHANNEL, FreeChannel> channel;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    // First: with a dead socket, freeing the handles cannot wait for the node.
    if (socket) ::shutdown(socket.get(), SHUT_RDWR);
  }

  bool blocked_on_sending() const {
    return (::libssh2_session_block_directions(session.get()) & LIBSSH2_SESSION_BLOCK_OUTBOUND) !=
           0;
  }

  Status wait(Waiter& waiter) const {
    return waiter.wait(socket.get(),
                       static_cast<short>(POLLIN | (blocked_on_sending() ? POLLOUT : 0)));
  }

  /// What the session's last call complained of, with the node in front.
  Failure failure(std::string_view doing) const {
    char* text = nullptr;
    ::libssh2_session_last_error(session.get(), &text, nullptr, 0);
    return fail(Code::internal, "{} {}: {}", doing, node, text == nullptr ? "failed" : text);
  }

  /// Repeats `call` (int or ssize_t, as libssh2's calls return) until it no longer asks to wait.
  template <class Call>
  Status drive(Waiter& waiter, std::string_view doing, Call call) const {
    for (;;) {
      const auto result = call();
      if (result >= 0) return ok();
      if (result != LIBSSH2_ERROR_EAGAIN) return failure(doing);
      if (const Status status = wait(waiter); !status)
        return fail(Code::internal, "{} {}: {}", doing, node, status.error().message);
    }
  }
};

}  // namespace nubo::ssh
