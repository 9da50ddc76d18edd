// SPDX-License-Identifier: Apache-2.0
// Address ranges of a network: making, changing, removing them, and the addresses in them (sheet
// objects.md §4.4-4.5). Pure functions. Failures are Code::internal and change nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/addresses.h"
#include "model/virtual_network.h"

namespace nubo {

/// What making a range needs beside its text.
struct RangeDefaults {
  std::string mac_prefix = "02:00";
  std::uint32_t random = 0;  // behind the prefix where no IPv4 address stands
  /// Blocks of MACs that other ranges have (mac_block()), when each range is to have one of its
  /// own.
  std::optional<std::set<std::uint32_t>> taken_blocks = {};
};

/// The prefix (MAC_PREFIX) and the four bytes behind it.
Mac mac_with(const std::string& prefix, std::uint32_t low);

/// The block of MACs, 2^20 large, that a range's first one is in; nothing for a shared range.
std::optional<std::uint32_t> mac_block(const AddressRange& range);

/// Checks the attributes of a new range and fills in what is missing, under the next AR_ID.
Status add_address_range(VirtualNetwork& network, Vector given, const RangeDefaults& defaults);
/// Replaces what may be replaced of the range that AR_ID names (vn.update_ar).
Status update_address_range(VirtualNetwork& network, const Vector& given);
/// Fails when there is no such range, or when it has leases and `force` is not set.
Status remove_address_range(VirtualNetwork& network, int ar_id, bool force);

/// The range of that id, or nullptr.
const AddressRange* find_range(const VirtualNetwork& network, int ar_id);
AddressRange* find_range(VirtualNetwork& network, int ar_id);

/// MAC, IP … of a place in a range.
Vector lease_values(const AddressRange& range, std::uint32_t index);

/// The place of a NIC's or request's address in the range, by MAC, IP or IP6; the range may not
/// reach so far.
std::optional<std::uint32_t> place_of(const AddressRange& range, const Vector& address);

/// What vn.info adds to the stored attributes: MAC_END, IP_END, IP6_* … in wire order.
std::vector<std::pair<std::string, std::string>> range_ends(const AddressRange& range);

/// Brings the network's count of used addresses up to date.
void count_leases(VirtualNetwork& network);

}  // namespace nubo
