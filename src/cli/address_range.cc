// SPDX-License-Identifier: Apache-2.0
#include "cli/address_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array group{
    Option{"size", 's', Takes::text, "size", "Number of addresses"},
    Option{"mac", 'm', Takes::text, "mac", "First MAC address in the range"},
    Option{"ip", 'i', Takes::text, "ip", "First IP address in the range"},
    Option{"ip6", '6', Takes::text, "ip6/prefix", "First IPv6 address with its prefix length"},
    Option{"ip6_global", 'g', Takes::text, "prefix", "IPv6 global prefix"},
    Option{"ip6_ula", 'u', Takes::text, "prefix", "IPv6 ULA prefix"},
    Option{"gateway", 0, Takes::text, "ip", "IP of the gateway"},
    Option{"netmask", 0, Takes::text, "mask", "Netmask in dot notation"},
    Option{"vn_mad", 0, Takes::text, "mad", "Driver of the range"},
    Option{"vlanid", 0, Takes::text, "id", "VLAN of the range"},
};

struct Named {
  const char* option;
  const char* attribute;
};

constexpr std::array plain{
    Named{"mac", "MAC"},
    Named{"ip6_global", "GLOBAL_PREFIX"},
    Named{"ip6_ula", "ULA_PREFIX"},
    Named{"gateway", "GATEWAY"},
    Named{"netmask", "MASK"},
    Named{"vn_mad", "VN_MAD"},
    Named{"vlanid", "VLAN_ID"},
};

std::string type_of(const Options& options) {
  const bool prefix = options.has("ip6_global") || options.has("ip6_ula");
  if (options.has("ip")) return prefix ? "IP4_6" : options.has("ip6") ? "IP4_6_STATIC" : "IP4";
  if (options.has("ip6")) return "IP6_STATIC";
  return prefix ? "IP6" : "ETHER";
}

}  // namespace

OptionGroup address_range_options() { return group; }

bool has_address_range(const Options& options) {
  return std::ranges::any_of(group, [&](const Option& one) { return options.has(one.name); });
}

Result<std::string> address_range_text(const Options& options) {
  std::vector<std::string> parts{fmt::format("TYPE={}", quoted(type_of(options)))};
  if (options.has("size")) {
    parts.push_back("SIZE = " + options.get("size"));
  } else if (!options.has("ip6")) {
    return fail(Code::api, "Address range needs to specify size (-s size)");
  }
  std::string ip6;
  if (options.has("ip6")) {
    const std::string given = options.get("ip6");
    const std::size_t slash = given.find('/');
    if (slash == given.npos) return fail(Code::api, "Missing or wrong IP6");
    // What stands before the address, a scope or a name, is not part of it.
    const std::size_t start = given.substr(0, slash).find_last_not_of("0123456789abcdefABCDEF:.");
    ip6 = given.substr(start == given.npos ? 0 : start + 1,
                       slash - (start == given.npos ? 0 : start + 1));
    if (ip6.find(':') == ip6.npos) return fail(Code::api, "Wrong IP6 format address");
    parts.push_back(fmt::format("PREFIX_LENGTH={}", quoted(given.substr(slash + 1))));
  }
  if (options.has("ip")) parts.push_back("IP = " + options.get("ip"));
  if (!ip6.empty()) parts.push_back("IP6 = " + ip6);
  for (const Named& one : plain) {
    if (options.has(one.option))
      parts.push_back(fmt::format("{} = {}", one.attribute, options.get(one.option)));
  }
  return fmt::format("AR = [ {}]", join(parts, ", "));
}

}  // namespace nubo::cli
