// SPDX-License-Identifier: Apache-2.0
// Patience: how long a thread that has run out of work looks for more before it sleeps. Where
// processors halt when they are idle, to be woken takes longer than many a call does.
#pragma once

#include <algorithm>
#include <chrono>

namespace nubo {

class Patience {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  explicit Patience(Duration longest) : longest_(longest) {}

  /// To be called whenever work was found and done.
  void worked(TimePoint now) {
    before_ = last_;
    last_ = now - worked_;
    worked_ = now;
  }

  /// Whether to look again rather than to sleep: only for so long, and not when one of the last two
  /// waits took longer, for then looking is likely to be in vain.
  bool lasts(TimePoint now) const {
    return std::max(before_, last_) < longest_ && now - worked_ < longest_;
  }

 private:
  const Duration longest_;
  Duration before_ = Duration::max();  // the waits before and after the work before
  Duration last_ = Duration::max();
  TimePoint worked_{};
};

}  // namespace nubo
