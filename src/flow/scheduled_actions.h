// SPDX-License-Identifier: Apache-2.0
// Scheduled actions of VMs: stored, carried out, and when the next time comes (sheet
// vm-lifecycle.md §7.8). Writer thread, but for next_time().
#pragma once

#include <optional>
#include <vector>

#include "flow/settings.h"
#include "model/scheduled_action.h"
#include "store/draft.h"

namespace nubo {

/// Stores an action of a VM. Code::action.
Result<ScheduledActionId> add_scheduled_action(Draft& draft, VmId vm, const Vector& keys);
/// Those that its template brings. Code::internal.
Status adopt_scheduled_actions(Draft& draft, Vm& vm, std::vector<Attribute> given);
/// Code::internal "SCHED_ACTION with id = N doesn't exist" when the VM has no such action.
Status update_scheduled_action(Draft& draft, VmId vm, ScheduledActionId id, const Vector& keys);
/// Code::no_exists when the VM has no such action.
Status delete_scheduled_action(Draft& draft, VmId vm, ScheduledActionId id);
/// All of a VM that is over.
void drop_scheduled_actions(Draft& draft, Vm& vm);

/// When it is due again after `time`; nothing when it is not repeated or its end has come.
std::optional<EpochSeconds> next_time(const ScheduledAction& action, EpochSeconds now);

bool is_due(const ScheduledAction& action, EpochSeconds now);

/// Does it as oneadmin and sets the next time; nothing when it is no longer due.
Status run_scheduled_action(Draft& draft, ScheduledActionId id, const VmSettings& settings);
/// Why it could not be done; it stays due.
Status note_action_failure(Draft& draft, ScheduledActionId id, const std::string& error);

}  // namespace nubo
