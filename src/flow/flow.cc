// SPDX-License-Identifier: Apache-2.0
#include "flow/flow.h"

namespace nubo {

Flow::Flow(FlowParts parts, const FlowSettings& settings)
    : post_(parts.post),
      effects_(parts.writer, parts.drivers, parts.timers, parts.post, settings.vm),
      monitor_(parts.writer, parts.drivers, parts.timers, parts.post, parts.log, parts.clock,
               settings.monitor),
      scheduler_(parts.writer, settings.placement, settings.vm, settings.sched_retry),
      actions_(parts.writer, parts.timers, parts.clock, settings.vm, settings.action_period) {}

void Flow::start() {
  effects_.run_stored();
  monitor_.start();
  scheduler_.start();
  actions_.start();
}

void Flow::stop() { scheduler_.stop(); }

void Flow::committed(const Commit& commit) {
  scheduler_.committed(commit);
  if (commit.effects.empty() && commit.touched.empty()) return;
  post_([this, commit] {
    for (const Effect& effect : commit.effects) effects_.run(effect);
    monitor_.committed(commit);
  });
}

void Flow::reported(const std::string& driver, const driver::Event& event) {
  monitor_.reported(driver, event);
}

void Flow::driver_started(const std::string& driver) { monitor_.driver_started(driver); }

}  // namespace nubo
