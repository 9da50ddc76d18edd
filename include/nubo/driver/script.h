// SPDX-License-Identifier: Apache-2.0
// Runs one script of OpenNebula's add-on drivers (level B: argv, standard input and outputs, exit
// code; sheet drivers.md §1.3) or any other program, without a shell in between. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "nubo/driver/context.h"

namespace nubo::driver {

struct Script {
  std::vector<std::string> argv;         // argv[0]: the path of the program
  std::string input;                     // its whole standard input
  int input_fd = -1;                     // or: this descriptor is its standard input
  int output_fd = -1;                    // this one its standard output, instead of `out`
  std::vector<std::string> environment;  // "NAME=value", besides and instead of our own
  std::size_t output_limit = 1 << 20;    // bytes of each output; more of the standard output is
                                         // a failure, more of the standard error is dropped
};

struct ScriptResult {
  int exit_code = 0;  // 255: ended by a signal
  std::string out;
  std::string err;
};

/// Runs it to its end, whatever the exit code. Code::internal when it cannot be started, was
/// stopped (its process group gets SIGTERM, 2 s later SIGKILL) or printed too much.
Result<ScriptResult> run_process(const Script& script, const Context& context);

/// What a script printed, when it ended with 0. Else an error with the lines of its standard error
/// joined by blanks. Lines "ERROR|INFO|WARN|DEBUG: text" there are progress, not error text.
Result<std::string> run_script(const Script& script, const Context& context);

}  // namespace nubo::driver
