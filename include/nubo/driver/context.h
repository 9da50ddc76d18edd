// SPDX-License-Identifier: Apache-2.0
// Context: what a handler knows about the request that it works on besides the request itself: how
// long it may take, whether it shall stop, and the way to say something meanwhile. Made by Program
// for one request, or by a test. Any thread while the handler runs.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>

#include "base/clock.h"
#include "nubo/driver/message.h"

namespace nubo::driver {

class Context {
 public:
  using Send = std::function<void(const FromDriver&)>;

  struct Parts {
    std::int64_t request = 0;
    SteadyTime deadline = SteadyTime::max();
    std::stop_token stop;
    Send send = [](const FromDriver&) {};
  };

  Context(Parts parts, const Clock& clock) : parts_(std::move(parts)), clock_(clock) {}

  SteadyTime deadline() const { return parts_.deadline; }

  /// Time until the deadline, never below zero.
  Milliseconds left() const;

  /// Whether to stop: cancelled by oned, out of time, or the program ends.
  bool cancelled() const { return parts_.stop.stop_requested() || left() == Milliseconds::zero(); }

  /// For waits that can be woken: std::stop_callback, std::condition_variable_any. It is asked to
  /// stop at the deadline, too.
  std::stop_token stop_token() const { return parts_.stop; }

  /// A line for the log of the request's object.
  void progress(std::string_view text) const;

 private:
  Parts parts_;
  const Clock& clock_;
};

}  // namespace nubo::driver
