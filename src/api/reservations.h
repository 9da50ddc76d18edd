// SPDX-License-Identifier: Apache-2.0
// Reservations of addresses, which are networks of their own (sheet objects.md §4.6).
#pragma once

#include "model/virtual_network.h"
#include "store/draft.h"

namespace nubo::api {

/// Gives what a range of a reservation holds back to the parent; nothing for other networks.
void give_back_range(Draft& draft, const VirtualNetwork& network, const AddressRange& range);

}  // namespace nubo::api
