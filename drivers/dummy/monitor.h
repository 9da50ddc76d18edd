// SPDX-License-Identifier: Apache-2.0
// Monitor: the events of the dummy nodes that are monitored: facts and statistics each period, and
// what the control file does to nodes and guests within a fifth of a second. One thread of its own;
// start() and stop() from any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "control.h"
#include "nubo/driver/program.h"
#include "world.h"

namespace nubo::dummy {

class Monitor {
 public:
  Monitor(World& world, Control& control, driver::Emit emit);

  /// From now on events of that node, the first at once. `facts` replace our own.
  void start(const std::string& node, const std::string& host_id, std::chrono::seconds period);
  void stop(const std::string& node);
  /// Starts the thread. `facts`: settings such as TOTALCPU that replace our own.
  void run(Values facts);

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Watch {
    std::string host_id;
    std::chrono::seconds period{};
    Time next;
  };

  void loop(const std::stop_token& stop);
  void follow_control();
  void report(const std::string& node, const std::string& host_id);
  void report_guests(const std::string& node, const std::string& host_id);
  Values facts_of(const std::string& node);

  World& world_;
  Control& control_;
  const driver::Emit emit_;
  Values facts_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Watch> watches_;              // by node
  std::shared_ptr<const ControlLines> seen_control_;  // by the loop
  std::jthread thread_;                               // last: it uses all the rest
};

/// Whether the control file says that the node cannot be reached.
bool is_down(const ControlLines& control, std::string_view node);

}  // namespace nubo::dummy
