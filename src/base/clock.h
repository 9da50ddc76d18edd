// SPDX-License-Identifier: Apache-2.0
// Time. Documents carry whole epoch seconds (EpochSeconds); waits use the steady clock. Whoever
// needs "now" takes a Clock, so that tests set the time; SystemClock is the only reader of the
// machine's clocks.
#pragma once

#include <chrono>

namespace nubo {

using EpochSeconds = std::chrono::duration<long long>;  // since 1970; 0 = "not yet"
using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual EpochSeconds now() const = 0;
  virtual SteadyTime steady() const = 0;
};

/// The machine's clocks. Any thread.
class SystemClock final : public Clock {
 public:
  EpochSeconds now() const override;
  SteadyTime steady() const override;
};

}  // namespace nubo
