// SPDX-License-Identifier: Apache-2.0
// DISK vectors of a new VM: the image behind each, what image and datastore add, and the device
// names (sheets vm-lifecycle.md §5.4, objects.md §2.7, §3.5). Writer thread.
#pragma once

#include "base/result.h"
#include "flow/settings.h"
#include "store/draft.h"

namespace nubo {

/// Numbers and completes every DISK of the VM, acquires the images, assigns TARGETs (the context
/// CD's too). Code::internal "DISK <n>: …" when one cannot be had. Says whether an image is still
/// being made, so that the VM has to wait.
Result<bool> complete_disks(Draft& draft, Vm& vm, const VmSettings& settings);

/// The ids of a datastore's clusters as "0,100".
std::string cluster_list(const IdSet<ClusterTag>& clusters);

}  // namespace nubo
