// SPDX-License-Identifier: Apache-2.0
// Snapshots of single disks: the tree of each disk, what may be made, reverted to and deleted
// (sheet vm-lifecycle.md §2.5, §2.13). Vm::snapshots has an entry for each disk with snapshots.
// Writer thread.
#pragma once

#include <string>
#include <string_view>

#include "flow/vm_change.h"

namespace nubo {

struct DiskSnapshotOrder {
  ChangeOrder change;
  int disk = -1;
  int snapshot = -1;
};

/// The id of the new snapshot. Code::action with what stands in the way, here and below.
Result<int> create_disk_snapshot(Draft& draft, const ChangeOrder& order, int disk,
                                 const std::string& name);
Status revert_disk_snapshot(Draft& draft, const DiskSnapshotOrder& order);
Status delete_disk_snapshot(Draft& draft, const DiskSnapshotOrder& order);
Status rename_disk_snapshot(Draft& draft, const DiskSnapshotOrder& order, const std::string& name);

/// Whether the disk has that snapshot.
bool has_disk_snapshot(const Vm& vm, int disk, int snapshot);
/// The disk goes, and with it its snapshots.
void forget_disk_snapshots(Vm& vm, std::string_view disk_id);
/// Disks that are made anew from their images have none.
void drop_disk_snapshots_of_clones(Vm& vm);
/// A persistent image brings its snapshots to the VM …
void take_image_snapshots(Vm& vm, const Vector& disk, const Image& image);
/// … and has what became of them when the VM gives it back, and the size of the disk.
void return_image_snapshots(const Vm& vm, const Vector& disk, Image& image);

// The ends of the operations.
void keep_disk_snapshot(Draft& draft, Vm& vm, const Effect& effect);
void drop_new_disk_snapshot(Draft& draft, Vm& vm, const Effect& effect);
void make_disk_snapshot_active(Draft& draft, Vm& vm, const Effect& effect);
void drop_disk_snapshot(Draft& draft, Vm& vm, const Effect& effect);
void leave_disk_snapshots(Draft& draft, Vm& vm, const Effect& effect);

}  // namespace nubo
