// SPDX-License-Identifier: Apache-2.0
// Copying a VM's disk to a new image (sheet vm-lifecycle.md §2.5, disksaveas; objects.md §2.8).
// Writer thread.
#pragma once

#include "flow/vm_change.h"

namespace nubo {

/// Code::internal when the disk, the snapshot (-1: as it is now) or the state does not allow it.
Result<ImageId> check_saving(const Vm& vm, int disk, int snapshot);

struct SaveOrder {
  ChangeOrder change;
  int disk = -1;
  int snapshot = -1;
  ImageId image;  // made already, LOCKED
};

/// Starts the operation.
Status save_disk(Draft& draft, const SaveOrder& order);

// The ends of the operation.
void keep_saved_disk(Draft& draft, Vm& vm, const Effect& effect);
void drop_saved_disk(Draft& draft, Vm& vm, const Effect& effect);

}  // namespace nubo
