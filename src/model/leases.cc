// SPDX-License-Identifier: Apache-2.0
#include "model/leases.h"

#include <algorithm>
#include <vector>

#include "model/address_ranges.h"

namespace nubo {
namespace {

constexpr std::uint64_t id_mask = 0xFFFFFFFF;
constexpr const char* not_there = "Address is not part of the address range or in use.";

std::vector<AddressRange*> ranges_of(VirtualNetwork& network, std::optional<int> ar_id) {
  std::vector<AddressRange*> found;
  for (AddressRange& range : network.address_ranges.ranges) {
    if (!ar_id || range.id() == *ar_id) found.push_back(&range);
  }
  std::ranges::sort(found, {}, [](const AddressRange* range) { return range->id(); });
  return found;
}

bool is_shared(const AddressRange& range) { return range.attributes.yes("SHARED"); }

// Where the address may be taken: it is in the range, and free or shared.
std::optional<std::uint32_t> free_place(const AddressRange& range, const Vector& address) {
  const auto place = place_of(range, address);
  if (!place || (!is_shared(range) && range.allocated.contains(*place))) return {};
  return place;
}

// The next free place from NEXT_INDEX on, round the end; nothing when the range is full.
std::optional<std::uint32_t> next_place(const AddressRange& range) {
  const std::uint32_t size = range.size();
  if (is_shared(range) || range.allocated.size() >= size) return {};
  std::uint32_t place = range.attributes.number<std::uint32_t>("NEXT_INDEX").value_or(0) % size;
  while (range.allocated.contains(place)) place = (place + 1) % size;
  return place;
}

bool give_back(AddressRange& range, std::uint32_t place, LeaseOwner owner) {
  auto [first, last] = range.allocated.equal_range(place);
  for (auto each = first; each != last; ++each) {
    if (each->second != owner.packed()) continue;
    range.allocated.erase(each);
    return true;
  }
  return false;
}

/// Exactly one address is held or released.
Status check_address(const LeaseRequest& request) {
  const auto keys = std::distance(request.address.begin(), request.address.end());
  if (keys == 0) return fail(Code::internal, "Missing MAC, IP or IP6.");
  if (keys > 1) return fail(Code::internal, "Only one of MAC, IP and IP6 can be given.");
  return ok();
}

Lease lease_at(const AddressRange& range, std::uint32_t place) {
  return {range.id(), place, lease_values(range, place)};
}

}  // namespace

std::uint64_t LeaseOwner::packed() const {
  return static_cast<std::uint64_t>(type) | (static_cast<std::uint64_t>(id) & id_mask);
}

LeaseOwner LeaseOwner::unpack(std::uint64_t packed) {
  return {static_cast<ObjectType>(packed & ~id_mask),
          static_cast<int>(static_cast<std::uint32_t>(packed & id_mask))};
}

LeaseRequest LeaseRequest::of(const Vector& keys) {
  LeaseRequest request{{}, keys.number<int>("AR_ID")};
  for (const char* key : {"IP", "IP6", "MAC"}) {
    if (!keys.get(key).empty()) request.address.set(key, keys.get(key));
  }
  return request;
}

Result<Lease> take_lease(VirtualNetwork& network, const LeaseRequest& request, LeaseOwner owner) {
  const auto keys = std::distance(request.address.begin(), request.address.end());
  for (AddressRange* range : ranges_of(network, request.ar_id)) {
    const auto place = keys == 0   ? next_place(*range)
                       : keys == 1 ? free_place(*range, request.address)
                                   : std::nullopt;
    if (!place) continue;
    range->allocated.emplace(*place, owner.packed());
    if (keys == 0)
      range->attributes.set("NEXT_INDEX", std::to_string((*place + 1) % range->size()));
    count_leases(network);
    return lease_at(*range, *place);
  }
  return fail(Code::internal, "Cannot get IP/MAC lease from virtual network {}.", network.id);
}

void release_lease(VirtualNetwork& network, const Vector& nic, LeaseOwner owner) {
  const LeaseRequest request = LeaseRequest::of(nic);
  for (AddressRange* range : ranges_of(network, request.ar_id)) {
    const auto place = place_of(*range, request.address);
    if (place && give_back(*range, *place, owner)) break;
  }
  count_leases(network);
}

void release_leases(VirtualNetwork& network, LeaseOwner owner) {
  for (AddressRange& range : network.address_ranges.ranges) {
    std::erase_if(range.allocated,
                  [&](const auto& lease) { return lease.second == owner.packed(); });
  }
  count_leases(network);
}

Status hold_lease(VirtualNetwork& network, const LeaseRequest& request) {
  NUBO_CHECK(check_address(request));
  bool found = false;
  for (AddressRange* range : ranges_of(network, request.ar_id)) {
    const auto place = free_place(*range, request.address);
    if (!place) continue;
    range->allocated.emplace(*place, held.packed());
    found = true;
  }
  if (!found) return fail(Code::internal, "{}", not_there);
  count_leases(network);
  return ok();
}

Status release_hold(VirtualNetwork& network, const LeaseRequest& request) {
  NUBO_CHECK(check_address(request));
  for (AddressRange* range : ranges_of(network, request.ar_id)) {
    if (const auto place = place_of(*range, request.address)) give_back(*range, *place, held);
  }
  count_leases(network);
  return ok();
}

}  // namespace nubo
