// SPDX-License-Identifier: Apache-2.0
// The page of a machine, and its snapshot tables, which have commands of their own.
#pragma once

#include "cli/run.h"

namespace nubo::cli {

Status show_vm(Run& run, const XmlNode& vm);
Result<int> snapshot_list(Run& run);
Result<int> disk_snapshot_list(Run& run);

}  // namespace nubo::cli
