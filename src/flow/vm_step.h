// SPDX-License-Identifier: Apache-2.0
// One step of a VM's life: looks the event up in the VM machine and does what the row says, in the
// draft: state, history, capacity, resources, and the effect that starts the driver operation. The
// only place where a VM changes state. Writer thread.
#pragma once

#include "base/result.h"
#include "flow/caller.h"
#include "model/vm_machine.h"
#include "store/draft.h"

namespace nubo {

/// Code::no_exists when there is no such VM, Code::action naming the state when the event has no
/// row there. An operation that was under way is superseded: its outcome will be ignored.
Status step(Draft& draft, VmId id, VmEvent event, const Caller& caller = {});

/// The outcome of an operation as the event that the VM's state makes of it.
VmEvent outcome_event(const Vm& vm, bool good);

/// recover with 0 (failure) or 1 (success), and retry, likewise.
VmEvent recovery_event(const Vm& vm, bool good);
VmEvent retry_event(const Vm& vm);

/// The deploy event that the last action asks for: after stop and undeploy the disks come back.
VmEvent deploy_event(const Vm& vm);

/// Looks at the images that a cloning VM waits for and steps accordingly.
Status step_cloning(Draft& draft, VmId id);

}  // namespace nubo
