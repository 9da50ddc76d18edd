// SPDX-License-Identifier: Apache-2.0
// VMs in the roles of VM groups: both sides of the relation, kept equal (sheet objects.md §5.4).
// Writer thread.
#pragma once

#include "base/result.h"
#include "store/draft.h"

namespace nubo {

/// Puts the VM into the role that its VMGROUP vector names, if it has one, and VMGROUP_ID into the
/// vector. Code::internal.
Status join_vm_group(Draft& draft, Vm& vm);

/// Takes the VM out of its role; its VMGROUP vector stays. Nothing when the group is gone.
void leave_vm_group(Draft& draft, const Vm& vm);

/// Code::action when the VM's group does not want it on the host.
Status check_affinity(const Snapshot& snapshot, const Vm& vm, const Host& host);

}  // namespace nubo
