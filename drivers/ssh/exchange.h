// SPDX-License-Identifier: Apache-2.0
// Exchange: the input and the outputs of one command, carried through its channel until it ends.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "ssh/session_state.h"

namespace nubo::ssh {

class Exchange {
 public:
  Exchange(Session::State& session, const Command& command, Waiter& waiter);

  /// Starts the command and waits for its end.
  Result<Outcome> to_end();

 private:
  static constexpr std::size_t chunk = 32 << 10;

  Status start();
  Status carry();
  Status read_output();
  Status read_error();
  Status write_input();
  Status refill();
  Status write_out(std::string_view bytes);
  Status idle();
  Result<Outcome> finish();
  /// Runs a call of libssh2 again as long as it is in the middle of sending a packet: no other call
  /// may come between. Its result, or LIBSSH2_ERROR_EAGAIN when there is nothing to be had yet.
  template <class Call>
  Result<ssize_t> settle(Call call);

  Session::State& session_;
  const Command& command_;
  Waiter& waiter_;
  LIBSSH2_CHANNEL* channel_;
  Outcome outcome_;
  std::string lifeline_;      // the script of a command without input
  std::string_view to_send_;  // of the input
  std::array<char, chunk> from_fd_{};
  bool input_done_ = false;
  bool moved_ = false;  // something came or went in this round
};

}  // namespace nubo::ssh
