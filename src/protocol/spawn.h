// SPDX-License-Identifier: Apache-2.0
// Starts a program with pipes to its three standard streams, without a shell, in a process group of
// its own and with default signals. Any thread. The caller reaps it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace nubo::driver {

struct Child {
  pid_t pid = -1;
  Fd process;               // becomes readable when the program has ended
  Fd input, output, error;  // our ends, non-blocking, closed on exec
};

/// Descriptors of the caller that stand in for pipes; -1: a pipe.
struct Streams {
  int input = -1;
  int output = -1;
};

/// `environment` ("NAME=value") stands besides and instead of our own. Code::internal "cannot start
/// PATH: why".
Result<Child> spawn(const std::vector<std::string>& argv,
                    const std::vector<std::string>& environment = {}, Streams streams = {});

/// How a wait status reads: "exit code 3", "signal 9".
std::string describe_end(int wait_status);

/// Writing to a program that has ended is an error code, not a signal, from now on.
void ignore_sigpipe();

}  // namespace nubo::driver
