// SPDX-License-Identifier: Apache-2.0
// Connections that misbehave while others work: they say nothing, send a byte now and then, or
// read an answer slowly. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "bench/load.h"

namespace nubo::bench {

class IdlePeers {
 public:
  /// Opens `count` connections with a receive buffer of `window` bytes (0: the system's). Code::
  /// internal when the machine or the daemon refuses one.
  static Result<IdlePeers> open(const Target& target, int count, int window = 0);

  /// Sends `bytes` on each, whole.
  void send(const std::string& bytes);

  /// Sends the next byte of `bytes` on each, over and over.
  void dribble(const std::string& bytes);

  /// Reads up to `count` bytes on each.
  void sip(std::size_t count);

  /// Those that the daemon has not closed.
  int open_count() const;

 private:
  std::vector<Fd> sockets_;
  std::size_t dribbled_ = 0;
};

/// Lets this process open at least `count` files. Code::internal when it may not.
Status allow_descriptors(int count);

}  // namespace nubo::bench
