// SPDX-License-Identifier: Apache-2.0
// The virtual topology of a VM: TOPOLOGY and NUMA_NODE of its template (sheet vm-lifecycle.md §5.8).
// Pure.
#pragma once

#include "base/result.h"
#include "text/template.h"

namespace nubo {

/// Checks both and fills in what follows from VCPU and MEMORY; nothing when the template has
/// neither. Code::allocate.
Status settle_topology(Template& attributes);

}  // namespace nubo
