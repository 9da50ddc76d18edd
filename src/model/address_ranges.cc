// SPDX-License-Identifier: Apache-2.0
#include "model/address_ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/addresses.h"

namespace nubo {
namespace {

struct RangeType {
  std::string_view name;
  bool has_ip;
  bool is_slaac;
  bool is_static;
};

constexpr std::array range_types{
    RangeType{"ETHER", false, false, false}, RangeType{"IP4", true, false, false},
    RangeType{"IP6", false, true, false},    RangeType{"IP6_STATIC", false, false, true},
    RangeType{"IP4_6", true, true, false},   RangeType{"IP4_6_STATIC", true, false, true}};

constexpr RangeType no_type{"", false, false, false};

const RangeType& type_of(const Vector& attributes) {
  const std::string& name = attributes.get("TYPE");
  const auto* found = std::ranges::find(range_types, name, &RangeType::name);
  return found == range_types.end() ? no_type : *found;
}

bool is_shared(const Vector& attributes) { return attributes.yes("SHARED"); }

// What only the daemon may say of a range.
constexpr std::array daemon_keys{"ALLOCATED", "USED_LEASES", "LEASES", "PARENT_NETWORK",
                                 "PARENT_NETWORK_AR_ID"};
// The sizes of reservations, which have it, are fixed too.
constexpr const char* parent_range_key = "PARENT_NETWORK_AR_ID";
// What an update leaves as it is.
constexpr std::array fixed_keys{"TYPE",     "MAC",        "IP",
                                "IP6",      "SHARED",     "AR_ID",
                                "IPAM_MAD", "NEXT_INDEX", "PARENT_NETWORK_AR_ID"};

Status check_prefixes(const Vector& given) {
  for (const auto& [key, what] : {std::pair{"GLOBAL_PREFIX", "IP6 global address prefix"},
                                  std::pair{"ULA_PREFIX", "IP6 unique local address prefix"}}) {
    const std::string& text = given.get(key);
    if (!text.empty() && !Ip6::parse(text))
      return fail(Code::internal, "Wrong format for {}", what);
  }
  return ok();
}

// Addresses from IP6 to the end of its prefix; a /64 or wider counts as one of 64 bits.
std::uint32_t static_size(Ip6 first, int prefix_length) {
  constexpr std::uint64_t most = UINT32_MAX;
  if (prefix_length <= 64) return static_cast<std::uint32_t>(std::min(most, ~first.low));
  const std::uint64_t all = 1ULL << (128 - prefix_length);
  return static_cast<std::uint32_t>(std::min(most, all - (first.low & (all - 1))));
}

Status check_addresses(Vector& given, const RangeType& type) {
  if (type.has_ip && !Ip4::parse(given.get("IP"))) {
    return fail(Code::internal, "Wrong or empty IP attribute");
  }
  if (type.is_slaac) return check_prefixes(given);
  if (!type.is_static) return ok();
  const auto first = Ip6::parse(given.get("IP6"));
  if (!first) return fail(Code::internal, "Wrong or empty IP6 attribute");
  const auto length = given.number<int>("PREFIX_LENGTH");
  if (!length || *length < 1 || *length > 128) {
    return fail(Code::internal, "Wrong or empty PREFIX_LENGTH attribute");
  }
  if (!type.has_ip && !given.contains("SIZE")) {
    given.set("SIZE", std::to_string(static_size(*first, *length)));
  }
  return ok();
}

/// Where a new range will be, and of what size.
struct RangePlace {
  int network;
  int ar_id;
  std::uint32_t size;
  const RangeDefaults& defaults;
};

// A MAC of the global space: the first byte of the prefix, 20 bits of block, 20 bits of host.
constexpr int host_bits = 20;
constexpr std::uint64_t hosts = 1ULL << host_bits;
constexpr std::uint32_t blocks = 1U << 20;

std::uint32_t block_of(Mac mac) {
  return static_cast<std::uint32_t>(mac.bits >> host_bits) % blocks;
}

/// The block that belongs to the range, or the first free one behind it.
std::optional<std::uint32_t> free_block(const std::set<std::uint32_t>& taken, int network,
                                        int range) {
  const auto own = (static_cast<std::uint32_t>(network) & 0xFFFF) << 4 |
                   (static_cast<std::uint32_t>(range) & 0xF);
  for (std::uint32_t tried = 0; tried < blocks; ++tried) {
    const std::uint32_t block = (own + tried) % blocks;
    if (!taken.contains(block)) return block;
  }
  return {};
}

/// The MAC of a range that has its block of the global space to itself.
Result<Mac> mac_in_space(const RangePlace& place, Mac wanted, bool is_explicit) {
  constexpr std::uint64_t first_byte = 0xFF0000000000;
  const auto& taken = *place.defaults.taken_blocks;
  if (is_explicit && taken.contains(block_of(wanted))) {
    return fail(Code::internal, "The block of MAC {} is in use", wanted.to_string());
  }
  if (!is_explicit) {
    const auto block = free_block(taken, place.network, place.ar_id);
    if (!block) return fail(Code::internal, "There are no blocks of MACs left");
    wanted.bits =
        (wanted.bits & first_byte) | (std::uint64_t{*block} << host_bits) | (wanted.bits % hosts);
  }
  if (wanted.bits % hosts + place.size <= hosts) return wanted;
  return fail(Code::internal, "SIZE {} does not fit into the block of MAC {}", place.size,
              wanted.to_string());
}

Status set_mac(Vector& given, const RangeType& type, const RangePlace& place) {
  const std::string text = given.get("MAC");
  if (is_shared(given)) {
    given.set("MAC", Mac{}.to_string());
    return ok();
  }
  Mac mac;
  if (text.empty()) {
    const std::uint32_t low =
        type.has_ip ? Ip4::parse(given.get("IP"))->bits : place.defaults.random;
    mac = mac_with(place.defaults.mac_prefix, low);
  } else {
    const auto parsed = Mac::parse(text);
    if (!parsed) return fail(Code::internal, "Wrong format for MAC attribute: {}", text);
    mac = *parsed;
  }
  if (place.defaults.taken_blocks) {
    NUBO_TRY(mac, mac_in_space(place, mac, !text.empty()));
  }
  given.set("MAC", mac.to_string());
  return ok();
}

void set_ip6(Vector& values, const AddressRange& range, std::string_view suffix, std::uint32_t at) {
  const Vector& keys = range.attributes;
  const Mac mac = Mac::parse(keys.get("MAC")).value_or(Mac{}).plus(at);
  if (const auto prefix = Ip6::parse(keys.get("ULA_PREFIX"))) {
    values.set(fmt::format("IP6_ULA{}", suffix), Ip6::from_mac(*prefix, mac).to_string());
  }
  if (const auto prefix = Ip6::parse(keys.get("GLOBAL_PREFIX"))) {
    values.set(fmt::format("IP6_GLOBAL{}", suffix), Ip6::from_mac(*prefix, mac).to_string());
  }
}

void set_ports(Vector& values, const Vector& keys, std::uint32_t index) {
  const auto start = keys.number<std::uint32_t>("PORT_START");
  const auto size = keys.number<std::uint32_t>("PORT_SIZE");
  if (!start || !size) return;
  const std::uint32_t first = *start + index * *size + 1;
  values.set("EXTERNAL_PORT_RANGE", fmt::format("{}:{}", first, first + *size - 2));
  values.set("INTERNAL_PORT_RANGE", fmt::format("1-{}/{}", *size - 1, first));
}

}  // namespace

AddressRange* find_range(VirtualNetwork& network, int ar_id) {
  auto& ranges = network.address_ranges.ranges;
  const auto found = std::ranges::find(ranges, ar_id, &AddressRange::id);
  return found == ranges.end() ? nullptr : &*found;
}

const AddressRange* find_range(const VirtualNetwork& network, int ar_id) {
  const auto& ranges = network.address_ranges.ranges;
  const auto found = std::ranges::find(ranges, ar_id, &AddressRange::id);
  return found == ranges.end() ? nullptr : &*found;
}

void count_leases(VirtualNetwork& network) {
  network.used_leases = 0;
  for (const AddressRange& range : network.address_ranges.ranges) {
    network.used_leases += static_cast<long long>(range.allocated.size());
  }
}

Mac mac_with(const std::string& prefix, std::uint32_t low) {
  const auto parsed = Mac::parse(prefix + ":0:0:0:0");
  // 00:01 stands in for a wrong prefix.
  return {(parsed ? parsed->bits : 0x000100000000) | low};
}

std::optional<std::uint32_t> mac_block(const AddressRange& range) {
  const auto mac = Mac::parse(range.attributes.get("MAC"));
  if (!mac || is_shared(range.attributes)) return {};
  return block_of(*mac);
}

Status add_address_range(VirtualNetwork& network, Vector given, const RangeDefaults& defaults) {
  for (const char* key : daemon_keys) given.erase(key);
  const RangeType& type = type_of(given);
  if (type.name.empty()) return fail(Code::internal, "Unknown or missing address range TYPE.");
  NUBO_CHECK(check_addresses(given, type));
  const auto size = given.number<std::uint32_t>("SIZE");
  if (!size) return fail(Code::internal, "Wrong SIZE for address range");
  const bool shared = is_shared(given);
  if (shared && type.name != "IP4" && type.name != "IP6_STATIC") {
    return fail(Code::internal, "Only IP4 and IP6_STATIC address ranges can be shared");
  }
  int next = 0;
  for (const AddressRange& range : network.address_ranges.ranges) {
    next = std::max(next, range.id() + 1);
  }
  NUBO_CHECK(set_mac(given, type, {network.id.value, next, *size, defaults}));
  given.set("AR_ID", std::to_string(next));
  given.set("NEXT_INDEX", "0");
  given.set("SHARED", shared ? "YES" : "NO");
  network.address_ranges.ranges.push_back({std::move(given), {}});
  return ok();
}

Status update_address_range(VirtualNetwork& network, const Vector& given) {
  const auto id = given.number<int>("AR_ID");
  if (!id) return fail(Code::internal, "AR/AR_ID attribute is missing.");
  AddressRange* range = find_range(network, *id);
  if (!range) return fail(Code::internal, "Address Range with ID {} was not found.", *id);
  Vector updated = given;
  for (const char* key : daemon_keys) updated.erase(key);
  for (const char* key : fixed_keys) {
    updated.erase(key);
    if (range->attributes.contains(key)) updated.set(key, range->attributes.get(key));
  }
  for (const char* key : {"SIZE", "PREFIX_LENGTH"}) {
    const bool is_fixed = !given.contains(key) || range->attributes.contains(parent_range_key);
    if (is_fixed && range->attributes.contains(key)) {
      updated.set(key, range->attributes.get(key));
    }
  }
  const auto size = updated.number<std::uint32_t>("SIZE");
  if (!size) {
    return fail(Code::internal, "Unable to read the SIZE attribute, it must be number >= 0");
  }
  if (!range->allocated.empty() && range->allocated.rbegin()->first >= *size) {
    return fail(Code::internal,
                "New SIZE cannot be applied. There are used leases that would fall outside the "
                "range.");
  }
  NUBO_CHECK(check_prefixes(updated));
  updated.set("ALLOCATED", "");  // from here on it is there, also when nothing is (xml.md §2)
  range->attributes = std::move(updated);
  return ok();
}

Status remove_address_range(VirtualNetwork& network, int ar_id, bool force) {
  const AddressRange* range = find_range(network, ar_id);
  if (!range) return fail(Code::internal, "Address Range does not exist");
  if (!force && !range->allocated.empty()) {
    return fail(Code::internal, "Address Range has leases in use");
  }
  std::erase_if(network.address_ranges.ranges,
                [ar_id](const AddressRange& each) { return each.id() == ar_id; });
  count_leases(network);
  return ok();
}

Vector lease_values(const AddressRange& range, std::uint32_t index) {
  const Vector& keys = range.attributes;
  const RangeType& type = type_of(keys);
  Vector values;
  const Mac mac = Mac::parse(keys.get("MAC")).value_or(Mac{}).plus(index);
  if (!is_shared(keys)) values.set("MAC", mac.to_string());
  set_ports(values, keys, index);
  if (const auto first = Ip4::parse(keys.get("IP")); type.has_ip && first) {
    values.set("IP", first->plus(index).to_string());
  }
  if (type.is_slaac) {
    constexpr Ip6 link_local{0xFE80000000000000, 0};
    values.set("IP6_LINK", Ip6::from_mac(link_local, mac).to_string());
    set_ip6(values, range, "", index);
  }
  if (const auto first = Ip6::parse(keys.get("IP6")); type.is_static && first) {
    values.set("IP6", first->plus(index).to_string());
  }
  return values;
}

std::optional<std::uint32_t> place_of(const AddressRange& range, const Vector& address) {
  const Vector& keys = range.attributes;
  const auto within = [&range](std::uint64_t place) -> std::optional<std::uint32_t> {
    if (place >= range.size()) return {};
    return static_cast<std::uint32_t>(place);
  };
  if (const std::string& text = address.get("IP"); !text.empty() && type_of(keys).has_ip) {
    const auto wanted = Ip4::parse(text);
    const auto first = Ip4::parse(keys.get("IP"));
    if (!wanted || !first) return {};
    return within(wanted->bits - first->bits);
  }
  if (const std::string& text = address.get("IP6"); !text.empty() && type_of(keys).is_static) {
    const auto wanted = Ip6::parse(text);
    const auto first = Ip6::parse(keys.get("IP6"));
    if (!wanted || !first || wanted->high != first->high) return {};
    return within(wanted->low - first->low);
  }
  const auto wanted = Mac::parse(address.get("MAC"));
  const auto first = Mac::parse(keys.get("MAC"));
  if (!wanted || !first || is_shared(keys) || wanted->bits >> 32 != first->bits >> 32) return {};
  return within(static_cast<std::uint32_t>(wanted->bits - first->bits));
}

std::vector<std::pair<std::string, std::string>> range_ends(const AddressRange& range) {
  const Vector& keys = range.attributes;
  const RangeType& type = type_of(keys);
  const std::uint32_t last = range.size() - 1;  // wraps for an empty range, as oned's does
  std::vector<std::pair<std::string, std::string>> ends;
  const Mac mac = Mac::parse(keys.get("MAC")).value_or(Mac{});
  ends.emplace_back("MAC_END", (is_shared(keys) ? mac : mac.plus(last)).to_string());
  if (const auto first = Ip4::parse(keys.get("IP")); type.has_ip && first) {
    ends.emplace_back("IP_END", first->plus(last).to_string());
  }
  if (type.is_slaac) {
    Vector firsts, lasts;
    set_ip6(firsts, range, "", 0);
    set_ip6(lasts, range, "_END", last);
    for (const char* key : {"IP6_ULA", "IP6_GLOBAL"}) {
      if (!firsts.contains(key)) continue;
      ends.emplace_back(key, firsts.get(key));
      ends.emplace_back(fmt::format("{}_END", key), lasts.get(fmt::format("{}_END", key)));
    }
  }
  if (const auto first = Ip6::parse(keys.get("IP6")); type.is_static && first) {
    ends.emplace_back("IP6_END", first->plus(last).to_string());
  }
  return ends;
}

}  // namespace nubo
