// SPDX-License-Identifier: Apache-2.0
// Timers: "call this in ten seconds" for what runs on the io thread, so that tests can move time by
// hand. Only the io thread uses them.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"

namespace boost::asio {
class io_context;
}

namespace nubo {

/// As long as one copy lives the call is due; dropping the last one takes it back.
using Timer = std::shared_ptr<void>;

class Timers {
 public:
  virtual ~Timers() = default;
  /// Calls `then` once after `delay`.
  virtual Timer after(Milliseconds delay, std::function<void()> then) = 0;
};

/// Real time, on the io context's thread.
class AsioTimers final : public Timers {
 public:
  explicit AsioTimers(boost::asio::io_context& io) : io_(io) {}

  Timer after(Milliseconds delay, std::function<void()> then) override;

 private:
  boost::asio::io_context& io_;
};

}  // namespace nubo
