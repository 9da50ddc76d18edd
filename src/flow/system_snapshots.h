// SPDX-License-Identifier: Apache-2.0
// Snapshots of a whole VM that runs: memory and disks, kept by the hypervisor (sheet
// vm-lifecycle.md §2.5, §2.13). Writer thread.
#pragma once

#include <string>

#include "flow/settings.h"
#include "flow/vm_change.h"

namespace nubo {

/// The id of the new snapshot; without a name it is called snapshot-<id>. Code::action with what
/// stands in the way, here and below.
Result<int> create_snapshot(Draft& draft, const ChangeOrder& order, const std::string& name,
                            const VmSettings& settings);
Status revert_snapshot(Draft& draft, const ChangeOrder& order, int snapshot);
Status delete_snapshot(Draft& draft, const ChangeOrder& order, int snapshot);

// The ends of the operations.
void keep_snapshot(Draft& draft, Vm& vm, const Effect& effect);
void drop_snapshot(Draft& draft, Vm& vm, const Effect& effect);

}  // namespace nubo
