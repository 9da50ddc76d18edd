// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/snapshot.h"
#include "store/database.h"

namespace nubo {

/// Fills an empty snapshot with all objects of the database but the VMs that are DONE.
/// Code::internal for a row that holds no object of its kind.
Status load_snapshot(Database& database, Snapshot& snapshot);

}  // namespace nubo
