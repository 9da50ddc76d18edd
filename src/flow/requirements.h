// SPDX-License-Identifier: Apache-2.0
// AUTOMATIC_REQUIREMENTS, AUTOMATIC_DS_REQUIREMENTS, AUTOMATIC_NIC_REQUIREMENTS: what a VM's disks,
// networks and topology ask of its place (sheet vm-lifecycle.md §5.6).
#pragma once

#include <set>

#include "base/result.h"
#include "store/draft.h"

namespace nubo {

/// Works the three out anew. Code::internal naming the disk or NIC with which no cluster is left.
Status set_automatic_requirements(const Draft& draft, Vm& vm);

/// The clusters that every disk and NIC of the VM can be used in; nothing when none restricts it.
/// Code::internal as above.
Result<std::optional<std::set<int>>> allowed_clusters(const Vm& vm);

}  // namespace nubo
