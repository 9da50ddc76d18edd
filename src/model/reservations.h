// SPDX-License-Identifier: Apache-2.0
// Reservations: blocks of a network's addresses that become address ranges of another network (sheet
// objects.md §4.6). Pure functions.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/leases.h"

namespace nubo {

struct BlockRequest {
  std::uint32_t size = 0;
  LeaseRequest first;  // the first address, if it matters; the range
};

/// Takes a block of consecutive free addresses for `owner` and returns the range that it makes, as
/// yet without AR_ID. Code::action.
Result<Vector> take_block(VirtualNetwork& parent, const BlockRequest& request, LeaseOwner owner);

/// Adds a taken block to its network, under the next AR_ID.
void add_block(VirtualNetwork& reservation, Vector block);

/// Gives the addresses of one range of a reservation back to its parent.
void return_block(VirtualNetwork& parent, const AddressRange& block, LeaseOwner owner);

}  // namespace nubo
