// SPDX-License-Identifier: Apache-2.0
// The snapshots of an image or a disk: SNAPSHOT=[ID, PARENT, CHILDREN, ACTIVE, SIZE …] in a template
// (sheet objects.md §2.9). Pure functions.
#pragma once

#include "text/template.h"

namespace nubo {

/// The snapshot of that id, or nullptr.
Vector* find_snapshot(Template& snapshots, int id);
const Vector* find_snapshot(const Template& snapshots, int id);

/// Whether a tree of that ALLOW_ORPHANS lets it go: not what is active or has children, unless
/// orphans are allowed.
bool may_delete_snapshot(const Template& snapshots, int id);

/// Takes a snapshot out; its children go on with its parent.
void delete_snapshot(Template& snapshots, int id);
/// Makes a snapshot the active one; in a LINEAR tree all newer ones go.
void activate_snapshot(Template& snapshots, int id);

}  // namespace nubo
