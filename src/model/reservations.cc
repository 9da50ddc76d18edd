// SPDX-License-Identifier: Apache-2.0
#include "model/reservations.h"

#include <algorithm>
#include <array>
#include <vector>

#include "model/address_ranges.h"

namespace nubo {
namespace {

constexpr const char* parent_range_key = "PARENT_NETWORK_AR_ID";
constexpr std::array address_keys{"MAC", "IP", "IP6"};

bool is_free(const AddressRange& range, std::uint32_t first, std::uint32_t size) {
  if (size > range.size() || first > range.size() - size) return false;
  const auto taken = range.allocated.lower_bound(first);
  return taken == range.allocated.end() || taken->first >= first + size;
}

/// Where a block may begin: looked for from NEXT_INDEX on and round the end; a block itself does not
/// go round.
std::optional<std::uint32_t> block_start(const AddressRange& range, std::uint32_t size) {
  const std::uint32_t count = range.size();
  if (range.attributes.yes("SHARED") || size > count) return {};
  const std::uint32_t next = range.attributes.number<std::uint32_t>("NEXT_INDEX").value_or(0);
  for (std::uint32_t tried = 0; tried < count; ++tried) {
    const std::uint32_t first = (next + tried) % count;
    if (is_free(range, first, size)) return first;
  }
  return {};
}

std::optional<std::uint32_t> place_for(const AddressRange& range, const BlockRequest& request) {
  if (request.first.address.empty()) return block_start(range, request.size);
  const auto first = place_of(range, request.first.address);
  if (!first || !is_free(range, *first, request.size)) return {};
  return first;
}

Vector block_of(const AddressRange& range, std::uint32_t first, std::uint32_t size) {
  Vector block = range.attributes;
  const Vector address = lease_values(range, first);
  for (const char* key : address_keys) {
    if (address.contains(key)) block.set(key, address.get(key));
  }
  block.erase("ALLOCATED");
  block.set("SIZE", std::to_string(size));
  block.set("NEXT_INDEX", "0");
  block.set(parent_range_key, range.attributes.get("AR_ID"));
  return block;
}

Failure not_enough(const LeaseRequest& first) {
  if (!first.ar_id) return fail(Code::action, "Not enough free addresses in an address range");
  return fail(Code::action, "Not enough free addresses in address range {}, or it does not exist",
              *first.ar_id);
}

}  // namespace

Result<Vector> take_block(VirtualNetwork& parent, const BlockRequest& request, LeaseOwner owner) {
  std::vector<AddressRange*> ranges;
  for (AddressRange& range : parent.address_ranges.ranges) {
    if (!request.first.ar_id || range.id() == *request.first.ar_id) ranges.push_back(&range);
  }
  std::ranges::sort(ranges, {}, [](const AddressRange* range) { return range->id(); });
  for (AddressRange* range : ranges) {
    const auto first = place_for(*range, request);
    if (!first) continue;
    for (std::uint32_t place = *first; place < *first + request.size; ++place) {
      range->allocated.emplace(place, owner.packed());
    }
    if (request.first.address.empty()) {
      const std::uint32_t next = (*first + request.size) % range->size();
      range->attributes.set("NEXT_INDEX", std::to_string(next));
    }
    count_leases(parent);
    return block_of(*range, *first, request.size);
  }
  return not_enough(request.first);
}

void add_block(VirtualNetwork& reservation, Vector block) {
  int next = 0;
  for (const AddressRange& range : reservation.address_ranges.ranges) {
    next = std::max(next, range.id() + 1);
  }
  block.set("AR_ID", std::to_string(next));
  reservation.address_ranges.ranges.push_back({std::move(block), {}});
}

void return_block(VirtualNetwork& parent, const AddressRange& block, LeaseOwner owner) {
  AddressRange* range =
      find_range(parent, block.attributes.number<int>(parent_range_key).value_or(-1));
  if (!range) return;
  Vector address;
  for (const char* key : address_keys) {
    if (block.attributes.contains(key)) address.set(key, block.attributes.get(key));
  }
  const auto first = place_of(*range, address);
  if (!first) return;
  std::erase_if(range->allocated, [&](const auto& lease) {
    return lease.first >= *first && lease.first < *first + block.size() &&
           lease.second == owner.packed();
  });
  count_leases(parent);
}

}  // namespace nubo
