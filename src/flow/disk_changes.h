// SPDX-License-Identifier: Apache-2.0
// Disks of a VM that stays where it is: attached, detached, made larger (sheet vm-lifecycle.md
// §2.5, §5.4; objects.md §2.7). Writer thread.
#pragma once

#include "flow/settings.h"
#include "flow/vm_change.h"

namespace nubo {

/// Completes the disk, takes its image and starts the operation. Code::action with what stands in
/// the way.
Status attach_disk(Draft& draft, const ChangeOrder& order, Vector disk, const VmSettings& settings);

Status detach_disk(Draft& draft, const ChangeOrder& order, int disk);

/// `size_mb` is larger than it is.
Status resize_disk(Draft& draft, const ChangeOrder& order, int disk, long long size_mb);

// The ends of the operations.
void keep_disk(Draft& draft, Vm& vm, const Effect& effect);
void drop_disk(Draft& draft, Vm& vm, const Effect& effect);
void drop_new_disk(Draft& draft, Vm& vm, const Effect& effect);
void keep_disk_size(Draft& draft, Vm& vm, const Effect& effect);
void restore_disk_size(Draft& draft, Vm& vm, const Effect& effect);

}  // namespace nubo
