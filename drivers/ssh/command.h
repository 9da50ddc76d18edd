// SPDX-License-Identifier: Apache-2.0
// What is run on a node, and what came of it.
#pragma once

#include <cstddef>
#include <string>

namespace nubo::ssh {

struct Command {
  std::string script;                    // POSIX shell; values from outside through quote()
  std::string input;                     // its whole standard input
  int input_fd = -1;                     // or: read from here to the end
  int output_fd = -1;                    // where its standard output goes, instead of Outcome::out
  std::size_t output_limit = 1U << 20U;  // bytes of each output; more of the standard output is a
                                         // failure, more of the standard error is dropped

  bool has_input() const { return input_fd >= 0 || !input.empty(); }
};

struct Outcome {
  int exit_status = 0;  // 255: ended by a signal
  std::string out;
  std::string err;
};

/// The shell text that is really run: with a path that has the tools of administrators, in the C
/// locale.
std::string with_prelude(const std::string& script);

/// The same for a command without input, to be read by `sh -s`: when its standard input ends before
/// the script does (the session is gone, or was given up), the script and all that it started is
/// ended, so that nothing goes on behind the back of a cancelled request.
std::string with_lifeline(const std::string& script);

}  // namespace nubo::ssh
