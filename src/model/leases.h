// SPDX-License-Identifier: Apache-2.0
// Leases: who has which address of a network (sheet objects.md §4.4-4.5). Pure functions. A lease
// is a place in an address range; the addresses follow from it (address_ranges.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "model/virtual_network.h"

namespace nubo {

/// Who has an address: a VM, a virtual router, a reservation; VM -1 holds it.
struct LeaseOwner {
  ObjectType type = ObjectType::vm;
  int id = -1;

  bool operator==(const LeaseOwner&) const = default;

  std::uint64_t packed() const;
  static LeaseOwner unpack(std::uint64_t packed);
};

inline constexpr LeaseOwner held{};

/// What is asked for: at most one of the addresses; none means the next free lease.
struct LeaseRequest {
  Vector address;  // IP, IP6 or MAC
  std::optional<int> ar_id;

  /// From the keys IP, IP6, MAC, AR_ID of a NIC or LEASES vector.
  static LeaseRequest of(const Vector& keys);
};

struct Lease {
  int ar_id = -1;
  std::uint32_t index = 0;
  Vector
      values;  // MAC (none in a shared range), IP, IP6, IP6_LINK, IP6_ULA, IP6_GLOBAL, *_PORT_RANGE
};

/// Takes the asked address, or the next free one. Code::internal "Cannot get IP/MAC lease from
/// virtual network N." when it is in no range, in use, or nothing is free.
Result<Lease> take_lease(VirtualNetwork& network, const LeaseRequest& request, LeaseOwner owner);
/// Gives back the address that a NIC holds (its AR_ID with MAC, IP or IP6); nothing happens when
/// the owner does not have it.
void release_lease(VirtualNetwork& network, const Vector& nic, LeaseOwner owner);
/// Gives back all that the owner has.
void release_leases(VirtualNetwork& network, LeaseOwner owner);

/// Takes an address out of use, or back: in each range that contains it, or the one of AR_ID.
/// Code::internal.
Status hold_lease(VirtualNetwork& network, const LeaseRequest& request);
Status release_hold(VirtualNetwork& network, const LeaseRequest& request);

}  // namespace nubo
