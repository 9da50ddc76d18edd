// SPDX-License-Identifier: Apache-2.0
// Kernel and initial RAM disk from a file datastore: OS/KERNEL_DS and OS/INITRD_DS, each naming one
// $FILE[…] (sheet vm-lifecycle.md §5.1). Writer thread.
#pragma once

#include <string>

#include "base/result.h"
#include "store/draft.h"

namespace nubo {

/// Writes into OS what transfer and placement need of the files: KERNEL_DS_SOURCE, _ID, _DSID, _TM
/// and _CLUSTER_ID, INITRD likewise. Code::internal when a file cannot be had.
Status resolve_boot_files(const Draft& draft, Vm& vm);

/// Points OS/KERNEL and OS/INITRD to where the prolog puts such files.
void place_boot_files(Vm& vm, const std::string& system_directory);

}  // namespace nubo
