// SPDX-License-Identifier: Apache-2.0
// What datastore operations make of images (sheet objects.md §2.6-2.7). Writer thread.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "store/draft.h"

namespace nubo {

/// How an operation ended: its data when good, else what went wrong.
struct OperationOutcome {
  bool good = false;
  std::string error;
  std::map<std::string, std::string, std::less<>> data;
};

/// Applies the end of "ds.cp", "ds.mkfs", "ds.clone", "ds.rm" or a change of snapshots to the image:
/// READY, ERROR or gone; VMs that waited for it go on. Nothing when the image is gone.
Status finish_image_operation(Draft& draft, const Effect& effect, const OperationOutcome& outcome);

}  // namespace nubo
