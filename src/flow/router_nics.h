// SPDX-License-Identifier: Apache-2.0
// The NICs of a virtual router: the network behind each and, with FLOATING_IP=YES, an address of
// the router's own (sheet objects.md §5.1). Writer thread.
#pragma once

#include "base/result.h"
#include "store/draft.h"

namespace nubo {

/// Completes a NIC and puts it into the router's template under `nic_id`. Code::internal.
Status add_router_nic(Draft& draft, VirtualRouter& router, Vector nic, int nic_id);

/// Takes a NIC out and gives its address back.
void remove_router_nic(Draft& draft, VirtualRouter& router, int nic_id);

/// Gives all addresses back and takes the router off its networks.
void release_router_nics(Draft& draft, const VirtualRouter& router);

}  // namespace nubo
