// SPDX-License-Identifier: Apache-2.0
// Which network a NIC in NETWORK_MODE auto gets (sheets vm-lifecycle.md §5.5-5.6, §7). A function of
// a snapshot.
#pragma once

#include "base/result.h"
#include "sched/placement.h"

namespace nubo {

/// For each NIC of the VM whose network is still open the one of the host's cluster that meets its
/// SCHED_REQUIREMENTS and has the best SCHED_RANK, as NIC=[NIC_ID, NETWORK_ID]. Without a rank it is
/// the network with most free addresses. Code::action saying which NIC finds none.
Result<Template> choose_networks(const Snapshot& snapshot, const Vm& vm, const Host& host,
                                 const PlacementRules& rules, ExpressionCache& cache);

}  // namespace nubo
