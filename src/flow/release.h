// SPDX-License-Identifier: Apache-2.0
// What a VM holds of other objects, and giving it back (sheet vm-lifecycle.md §2.9, objects.md
// §2.7): images, leases, security groups. In the same change as the VM. Writer thread.
#pragma once

#include "base/result.h"
#include "store/draft.h"

namespace nubo {

/// The VM uses the image: READY becomes USED or USED_PERS, LOCKED becomes LOCKED_USED…; its id is
/// noted. Code::internal naming the image and its state when it cannot be used.
Status acquire_image(Draft& draft, ImageId image, VmId vm);
/// The VM no longer uses it; `broken` marks a persistent image whose disk did not come back.
void release_image(Draft& draft, ImageId image, VmId vm, bool broken);

/// The VM is over: gives back images, leases and security groups, sets ETIME and closes history.
void release_resources(Draft& draft, Vm& vm);

/// Puts SOURCE and FORMAT of images that have become ready into the disks that waited for them.
void fill_cloned_disks(const Draft& draft, Vm& vm);

}  // namespace nubo
