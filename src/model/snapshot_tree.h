// SPDX-License-Identifier: Apache-2.0
// The snapshots of an image or a disk: SNAPSHOT=[ID, PARENT, CHILDREN, ACTIVE, SIZE …] in a
// template (sheets objects.md §2.9, vm-lifecycle.md §2.13). Pure functions.
#pragma once

#include <vector>

#include "text/template.h"

namespace nubo {

/// How the snapshots of a tree depend on each other (ALLOW_ORPHANS).
enum class SnapshotRule { deny, allow, mixed, linear };
SnapshotRule snapshot_rule(const Template& snapshots);

/// The snapshot of that id, or nullptr.
Vector* find_snapshot(Template& snapshots, int id);
const Vector* find_snapshot(const Template& snapshots, int id);
Vector* active_snapshot(Template& snapshots);

std::vector<int> children_of(const Vector& snapshot);

/// Whether an image lets a snapshot go: not what is active or has children, unless orphans are
/// allowed.
bool may_delete_snapshot(const Template& snapshots, int id);

/// Puts a new one under what is active or current, as the rule of the tree has it.
void add_snapshot(Template& snapshots, Vector snapshot);
/// Takes a snapshot out; its children go on with its parent, and so does what is active.
void delete_snapshot(Template& snapshots, int id);
/// Makes a new snapshot the one that the disk goes on from.
void settle_snapshot(Template& snapshots, int id);
/// Makes a snapshot the active one; in a LINEAR tree all newer ones go.
void activate_snapshot(Template& snapshots, int id);

}  // namespace nubo
