// SPDX-License-Identifier: Apache-2.0
#include "flow/action_clock.h"

#include <map>
#include <utility>

#include "base/log.h"
#include "flow/scheduled_actions.h"

namespace nubo {

ActionClock::ActionClock(Writer& writer, Timers& timers, const Clock& clock,
                         const VmSettings& settings, Milliseconds period)
    : writer_(writer), timers_(timers), clock_(clock), settings_(settings), period_(period) {}

void ActionClock::tick() {
  std::map<int, std::pair<EpochSeconds, ScheduledActionId>> oldest;  // by VM
  const EpochSeconds now = clock_.now();
  writer_.snapshot()->pool<ScheduledAction>().for_each([&](const Entry<ScheduledAction>& entry) {
    const ScheduledAction& action = entry.object;
    if (!is_due(action, now)) return;
    const std::pair due{action.time, action.id};
    const auto known = oldest.try_emplace(action.parent_id, due).first;
    if (due < known->second) known->second = due;
  });
  for (const auto& [vm, due] : oldest) carry_out(due.second);
  timer_ = timers_.after(period_, [this] { tick(); });
}

// A change that fails leaves no trace: why it failed is noted by a second one.
void ActionClock::carry_out(ScheduledActionId id) {
  Change change("scheduled action",
                [id, this](Draft& draft) { return run_scheduled_action(draft, id, settings_); });
  writer_.submit(std::move(change), [this, id](const Status& status, const SnapshotPtr&) {
    if (status) return;
    log_warning("flow", "scheduled action {}: {}", id, status.error().message);
    Change note("scheduled action failed", [id, error = status.error().message](Draft& draft) {
      return note_action_failure(draft, id, error);
    });
    writer_.submit(std::move(note), [](const Status&, const SnapshotPtr&) {});
  });
}

}  // namespace nubo
