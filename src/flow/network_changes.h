// SPDX-License-Identifier: Apache-2.0
// Changed attributes of a network in the NICs of its VMs (sheet objects.md §4.7). Writer thread.
#pragma once

#include "store/draft.h"

namespace nubo {

/// Writes what differs from `before` into the NICs that have no value of their own. VMs that cannot
/// be changed now end in ERROR_VMS and the network in UPDATE_FAILURE.
Status push_network_changes(Draft& draft, VirtualNetworkId id, const Template& before);

/// Tries the VMs in ERROR_VMS and UPDATING_VMS again.
Status push_network_changes_again(Draft& draft, VirtualNetworkId id);

}  // namespace nubo
