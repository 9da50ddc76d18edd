// SPDX-License-Identifier: Apache-2.0
// What a process and all that it started use, read from /proc (proc(5)).
#pragma once

#include <sys/types.h>

#include <vector>

#include "bench/latencies.h"

namespace nubo::bench {

struct Usage {
  Seconds cpu{0};           // user and system time
  double resident_mib = 0;  // VmRSS
  int descriptors = 0;
};

struct TreeUsage {
  Usage root;
  Usage children;  // the sum over all that the root started, without itself
};

/// Zeros for what has ended.
TreeUsage usage_of(pid_t root);

/// All that `root` started, however deep.
std::vector<pid_t> descendants(pid_t root);

}  // namespace nubo::bench
