// SPDX-License-Identifier: Apache-2.0
// What requirement and rank expressions can ask of a host, a datastore or a network (sheet
// vm-lifecycle.md §7.4, lookup paths). The objects must outlive the answers' use.
#pragma once

#include "model/cluster.h"
#include "model/datastore.h"
#include "model/host.h"
#include "model/virtual_network.h"
#include "text/expression.h"

namespace nubo {

/// TEMPLATE/, HOST_SHARE/, HOST_SHARE/DATASTORES/, the host's own elements, CLUSTER_TEMPLATE/, in
/// this order. `cluster` may be nullptr.
Facts host_facts(const Host& host, const Cluster* cluster);

/// TEMPLATE/ and the datastore's own elements.
Facts datastore_facts(const Datastore& datastore);

/// TEMPLATE/, the network's own elements, FREE_LEASES.
Facts network_facts(const VirtualNetwork& network);

/// Addresses of the network that nobody has.
long long free_leases(const VirtualNetwork& network);

}  // namespace nubo
