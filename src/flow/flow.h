// SPDX-License-Identifier: Apache-2.0
// Flow: what happens after a commit and by the clock: effects are carried out, reports of nodes
// come in, waiting VMs are placed, scheduled actions are done. Wires EffectRunner, Monitor,
// Scheduler and ActionClock to the writer and the drivers.
#pragma once

#include "drivers/outcome.h"
#include "flow/action_clock.h"
#include "flow/effect_runner.h"
#include "flow/monitor.h"
#include "flow/scheduler.h"

namespace nubo {

struct FlowParts {
  Writer& writer;
  DriverCalls& drivers;
  Timers& timers;
  MonitoringLog& log;
  const Clock& clock;
  Post post;  // onto the io thread
};

struct FlowSettings {
  VmSettings vm;
  MonitorSettings monitor;
  PlacementRules placement;
  std::chrono::seconds sched_retry{60};    // the scheduler's safety net
  std::chrono::seconds action_period{15};  // of scheduled actions
};

class Flow {
 public:
  /// All parts outlive it. `settings` must stay where it is.
  Flow(FlowParts parts, const FlowSettings& settings);

  /// On the io thread, before the drivers start: takes up what was in flight and watches the hosts.
  void start();
  /// Places no more VMs. Before the writer stops.
  void stop();

  /// For Writer::listen().
  void committed(const Commit& commit);
  /// For Drivers: events and starts of driver programs. Io thread.
  void reported(const std::string& driver, const driver::Event& event);
  void driver_started(const std::string& driver);

  /// Since the last report of the watched host that said nothing for longest. Any thread.
  std::chrono::seconds longest_silence() const { return monitor_.longest_silence(); }

  std::size_t operations_under_way() const { return effects_.under_way(); }

 private:
  const Post post_;
  EffectRunner effects_;
  Monitor monitor_;
  Scheduler scheduler_;
  ActionClock actions_;
};

}  // namespace nubo
