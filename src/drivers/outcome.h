// SPDX-License-Identifier: Apache-2.0
// What is asked of a driver program and what came of it: plain values, any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "nubo/driver/message.h"
#include "nubo/driver/program.h"

namespace nubo {

/// How a request ended. After `expired`, `driver_died` and `cancelled` something may have happened
/// on the node: ask for the truth (probe) or ask again, as every action may be repeated.
enum class End {
  done,         // data holds the answer
  failed,       // the driver said why in error
  expired,      // no answer within the deadline
  driver_died,  // the program ended while it worked on it; asking again may succeed
  cancelled,    // by cancel(), and it was not done
  not_asked,  // nothing happened: waited too long, or the program cannot be started
  too_busy,   // nothing happened: too many wait; ask again later
};

struct Outcome {
  End end = End::done;
  std::string error;    // unless done: what went wrong, for the operator
  driver::Values data;  // when done

  bool ok() const { return end == End::done; }

  bool operator==(const Outcome&) const = default;
};

using Done = std::function<void(Outcome)>;

/// Asking driver programs, as those see it who do: Drivers, or a fake in tests.
class DriverCalls {
 public:
  virtual ~DriverCalls() = default;
  /// Asks a program. `request.id` is set here and returned, for cancel(). `done` is called once, on
  /// the io thread, within the request's wait and deadline; not at all when oned stops before: then
  /// the effect stays open. Any thread.
  virtual std::int64_t submit(const std::string& driver, driver::Request request, Done done) = 0;
  /// The request ends as End::cancelled if it can be stopped, else as it ends. Any thread.
  virtual void cancel(std::int64_t id) = 0;
};

/// One program that oned starts.
struct DriverConfig {
  std::string name;               // how requests name it: "kvm", "tm", "dummy"
  std::vector<std::string> argv;  // argv[0]: path of the program
  driver::Values settings;
  driver::Caps caps;          // of requests given to the program at once, for each lane
  int most_waiting = 20'000;  // further requests are too_busy
  Milliseconds longest_wait{30 * 60'000};  // for its turn
};

/// What happens unasked. Called on the io thread.
struct DriverListener {
  std::function<void(const std::string& driver, const driver::Event&)> event;
  /// A line for the log of the request's object.
  std::function<void(const driver::Request&, const std::string& text)> progress;
  /// The program has started, or started again: what it was told before (monitoring) is forgotten.
  std::function<void(const std::string& driver)> started;
};

/// Waits that are the same for all programs.
struct DriverWaits {
  Milliseconds hello{10'000};         // from the start to the hello line
  Milliseconds grace{2'000};          // beyond a request's deadline, for the program's own words
  Milliseconds first_restart{100};    // doubled each time …
  Milliseconds last_restart{30'000};  // … up to this
  Milliseconds settled{60'000};       // after living so long it restarts with the first wait again
  Milliseconds end{6'000};            // from the end of the input to SIGTERM
  Milliseconds kill{2'000};           // from SIGTERM to SIGKILL
};

/// For metrics.
struct DriverStats {
  std::string name;
  bool running = false;  // has said hello
  int waiting = 0;       // requests not yet given to the program
  int under_way = 0;
  long long done = 0, failed = 0;  // since the start of oned
  long long restarts = 0;
};

}  // namespace nubo
