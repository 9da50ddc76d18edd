// SPDX-License-Identifier: Apache-2.0
// Latencies: what each request of one kind took, and its quantiles. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <vector>

namespace nubo::bench {

using Steady = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

class Latencies {
 public:
  void add(Seconds latency) { seconds_.push_back(static_cast<float>(latency.count())); }

  void add(const Latencies& other) {
    seconds_.insert(seconds_.end(), other.seconds_.begin(), other.seconds_.end());
  }

  std::size_t count() const { return seconds_.size(); }

  /// Milliseconds below which `percent` of the requests stayed; 0 without any.
  double quantile_ms(double percent) const {
    if (seconds_.empty()) return 0;
    std::vector<float> sorted = seconds_;
    const auto last = static_cast<double>(sorted.size() - 1);
    const auto rank = std::lround(percent / 100 * last);
    const auto nth = sorted.begin() + rank;
    std::ranges::nth_element(sorted, nth);
    return static_cast<double>(*nth) * 1000;
  }

 private:
  std::vector<float> seconds_;
};

}  // namespace nubo::bench
