// SPDX-License-Identifier: Apache-2.0
// Drivers: all driver programs of oned. A request goes to a program by name; what it became comes
// back once, on the io thread, within its wait and its deadline whatever the program does
// (docs/driver-protocol.md). Made before the io context runs, destroyed when it does not any more.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/outcome.h"
#include "drivers/timers.h"

namespace nubo {

class Driver;

class Drivers final : public DriverCalls {
 public:
  Drivers(boost::asio::io_context& io, Timers& timers, DriverListener listener,
          DriverWaits waits = {});
  Drivers(const Drivers&) = delete;
  Drivers& operator=(const Drivers&) = delete;
  /// Kills the programs that still run.
  ~Drivers() override;

  /// Before start(): one more program. Code::internal when the name is taken.
  Status add(DriverConfig config);

  /// Starts all programs. On the io thread.
  void start();

  std::int64_t submit(const std::string& driver, driver::Request request, Done done) override;
  void cancel(std::int64_t id) override;

  /// Drops what waits, gives what is under way `drain` time to end, ends the programs (end of
  /// input, SIGTERM, SIGKILL) and calls `stopped` on the io thread. Once; any thread.
  void stop(Milliseconds drain, std::function<void()> stopped);

  /// Any thread, from start() on.
  std::vector<DriverStats> stats() const;

 private:
  boost::asio::io_context& io_;
  Timers& timers_;
  const DriverListener listener_;
  const DriverWaits waits_;
  std::map<std::string, std::unique_ptr<Driver>, std::less<>> drivers_;
  std::atomic<std::int64_t> last_id_{0};
};

}  // namespace nubo
