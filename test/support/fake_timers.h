// SPDX-License-Identifier: Apache-2.0
// FakeTimers: time that moves when the test says so.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "drivers/timers.h"

namespace nubo::test {

class FakeTimers final : public Timers {
 public:
  Timer after(Milliseconds delay, std::function<void()> then) override {
    const auto due = std::make_shared<std::function<void()>>(std::move(then));
    due_.emplace(now_ + delay, due);
    return due;
  }

  /// Moves time and makes the calls that have become due, in their order.
  void advance(Milliseconds by) {
    const Milliseconds until = now_ + by;
    while (!due_.empty() && due_.begin()->first <= until) {
      const auto [time, call] = *due_.begin();
      due_.erase(due_.begin());
      now_ = time;
      if (const auto held = call.lock()) (*held)();
    }
    now_ = until;
  }

  /// Whether some call is due within that time.
  bool has_due(Milliseconds within) const {
    for (const auto& [time, call] : due_)
      if (time <= now_ + within && !call.expired()) return true;
    return false;
  }

 private:
  Milliseconds now_{0};
  std::multimap<Milliseconds, std::weak_ptr<std::function<void()>>> due_;
};

}  // namespace nubo::test
