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

/// Whether a DISK is of an image, not made empty for the VM.
bool names_image(const Vector& disk);
/// The image that a DISK names, by id or by a name that `user` or the named owner uses.
/// Code::internal.
Result<ImageId> named_image(const Snapshot& state, const Vector& disk, UserId user);
/// Fills in what the disk takes over from the image and its datastore.
void describe_image_disk(const Snapshot& state, Vector& disk, const Image& image,
                         const VmSettings& settings);

/// What a volatile disk takes over from the system datastore that it will be made in.
void place_volatile_disk(Vector& disk, const Datastore& system, const VmSettings& settings);
/// The same for one disk that has its DISK_ID, but for its TARGET and without that introduction.
Status complete_disk(Draft& draft, Vm& vm, Vector& disk, const VmSettings& settings);

/// The ids of a datastore's clusters as "0,100".
std::string cluster_list(const IdSet<ClusterTag>& clusters);

}  // namespace nubo
