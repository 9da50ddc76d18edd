// SPDX-License-Identifier: Apache-2.0
#include "api/network_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/lists.h"
#include "text/number_ranges.h"

namespace nubo::api {
namespace {

constexpr int last_vlan = 4095;
constexpr const char* no_bridge = "none";

struct DriverNeeds {
  std::string_view name;
  bool bridge, phydev, vlan, outer_vlan;
};

constexpr std::array driver_needs{DriverNeeds{"dummy", true, false, false, false},
                                  DriverNeeds{"802.1Q", false, true, true, false},
                                  DriverNeeds{"vxlan", false, true, true, false},
                                  DriverNeeds{"ovswitch_vxlan", false, false, false, true}};

/// Where automatic ids come from (objects.md §4.3).
enum class IdPool { none, vlans, vxlans };

struct DriverIds {
  std::string_view name;
  IdPool inner, outer;
};

constexpr std::array driver_ids{DriverIds{"802.1Q", IdPool::vlans, IdPool::none},
                                DriverIds{"ovswitch", IdPool::vlans, IdPool::none},
                                DriverIds{"vxlan", IdPool::vxlans, IdPool::none},
                                DriverIds{"ovswitch_vxlan", IdPool::vlans, IdPool::vxlans}};

Result<const Vector*> driver_conf(const Settings& settings, const std::string& name) {
  if (name.empty()) return fail(Code::internal, "No VN_MAD in template for Virtual Network.");
  if (const Vector* conf = settings.entry("VN_MAD_CONF", name)) return conf;
  return fail(Code::internal, "VN_MAD named \"{}\" is not defined in oned.conf", name);
}

Status check_mandatory(const Template& given, const std::string& driver) {
  const auto* needs = std::ranges::find(driver_needs, driver, &DriverNeeds::name);
  if (needs == driver_needs.end()) return ok();
  const auto missing = [&given](const char* name, const char* automatic) {
    return given.get(name).empty() && !(automatic && given.yes(automatic));
  };
  std::string_view lacks;
  if (needs->bridge && missing("BRIDGE", nullptr)) lacks = "BRIDGE";
  if (needs->phydev && missing("PHYDEV", nullptr)) lacks = "PHYDEV";
  if (needs->vlan && missing("VLAN_ID", "AUTOMATIC_VLAN_ID")) lacks = "VLAN_ID";
  if (needs->outer_vlan && missing("OUTER_VLAN_ID", "AUTOMATIC_OUTER_VLAN_ID")) {
    lacks = "OUTER_VLAN_ID";
  }
  if (lacks.empty()) return ok();
  return fail(Code::internal, "No {} in template for Virtual Network.", lacks);
}

/// The bridge type asked for, or the driver's first.
Result<std::string> bridge_type(const std::string& asked, const Vector& conf) {
  std::string_view known = conf.get("BRIDGE_TYPE");
  if (asked.empty()) return std::string(known.substr(0, known.find(',')));
  for (const std::string_view each : split(known)) {
    if (each == asked) return asked;
  }
  return fail(Code::internal, "BRIDGE_TYPE {} is not supported by VN_MAD {}", asked,
              conf.get("NAME"));
}

/// "0" and the given ids, sorted, each once.
std::string security_groups(const std::string& given) {
  std::set<int> ids{0};
  for (const std::string_view each : split(given)) {
    if (const auto id = parse_number<int>(each)) ids.insert(*id);
  }
  std::string text;
  for (const int id : ids) text += fmt::format("{}{}", text.empty() ? "" : ",", id);
  return text;
}

/// VLAN ids that the daemon gives out.
struct VlanIds {
  int start = 2;
  NumberRanges reserved;
};

VlanIds vlan_ids(const Template& config) {
  VlanIds ids;
  if (const Vector* given = config.vector("VLAN_IDS")) {
    ids.start = given->number<int>("START").value_or(ids.start);
    ids.reserved = NumberRanges::parse(given->get("RESERVED")).value_or(NumberRanges{});
  }
  return ids;
}

int first_vxlan(const Template& config) {
  const Vector* given = config.vector("VXLAN_IDS");
  return given ? given->number<int>("START").value_or(2) : 2;
}

bool has_pool(IdPool pool, const VirtualNetwork& network, IdPool DriverIds::*which) {
  const auto* ids = std::ranges::find(driver_ids, network.vn_mad, &DriverIds::name);
  return ids != driver_ids.end() && ids->*which == pool;
}

/// What the daemon has given to other networks out of the ids of 802.1Q.
std::set<int> given_vlans(const Snapshot& state, VirtualNetworkId except) {
  std::set<int> given;
  state.pool<VirtualNetwork>().for_each([&](const Entry<VirtualNetwork>& entry) {
    const VirtualNetwork& network = entry.object;
    const bool counts = network.id != except && network.vlan_id_automatic &&
                        has_pool(IdPool::vlans, network, &DriverIds::inner);
    if (!counts) return;
    if (const auto id = parse_number<int>(network.vlan_id)) given.insert(*id);
  });
  return given;
}

/// By the network's own id when that one is free, else the first that is (objects.md §4.3).
Result<std::string> free_vlan(const VirtualNetwork& network, const NetworkMaking& making) {
  const VlanIds ids = vlan_ids(making.settings.config);
  const std::set<int> given = given_vlans(making.state, network.id);
  const int span = std::max(1, last_vlan - ids.start);
  for (int tried = -1; tried < span; ++tried) {
    const int id = ids.start + (tried < 0 ? network.id.value % span : tried);
    if (!given.contains(id) && !ids.reserved.contains(id)) return std::to_string(id);
  }
  return fail(Code::internal, "There are no VLAN ids left");
}

/// An id that the daemon chooses; "" where the driver has none.
Result<std::string> automatic_id(const VirtualNetwork& network, IdPool DriverIds::*which,
                                 const NetworkMaking& making) {
  if (has_pool(IdPool::vlans, network, which)) return free_vlan(network, making);
  if (!has_pool(IdPool::vxlans, network, which)) return "";
  return std::to_string(first_vxlan(making.settings.config) + network.id.value);
}

struct Element {
  const char* name;
  std::string VirtualNetwork::*member;
};

// Kept both as elements and in TEMPLATE.
constexpr std::array shared_elements{Element{"PHYDEV", &VirtualNetwork::phydev},
                                     Element{"VLAN_ID", &VirtualNetwork::vlan_id},
                                     Element{"OUTER_VLAN_ID", &VirtualNetwork::outer_vlan_id}};

struct AutomaticId {
  const char* name;
  const char* automatic;
  std::string VirtualNetwork::*id;
  bool VirtualNetwork::*flag;
  IdPool DriverIds::*pool;
};

constexpr std::array automatic_ids{
    AutomaticId{"VLAN_ID", "AUTOMATIC_VLAN_ID", &VirtualNetwork::vlan_id,
                &VirtualNetwork::vlan_id_automatic, &DriverIds::inner},
    AutomaticId{"OUTER_VLAN_ID", "AUTOMATIC_OUTER_VLAN_ID", &VirtualNetwork::outer_vlan_id,
                &VirtualNetwork::outer_vlan_id_automatic, &DriverIds::outer}};

Status choose_vlans(VirtualNetwork& network, const NetworkMaking& making) {
  Template& given = network.attributes;
  for (const AutomaticId& each : automatic_ids) {
    network.*each.flag = (network.*each.id).empty() && given.yes(each.automatic);
    given.erase(each.automatic);
    if (!(network.*each.flag)) continue;
    NUBO_TRY(network.*each.id, automatic_id(network, each.pool, making));
    if (!(network.*each.id).empty()) given.erase(each.name);
  }
  return ok();
}

}  // namespace

Status describe_network(VirtualNetwork& network, Template given, const NetworkMaking& making) {
  const Settings& settings = making.settings;
  network.vn_mad = given.get("VN_MAD");
  NUBO_TRY(const Vector* conf, driver_conf(settings, network.vn_mad));
  NUBO_CHECK(check_mandatory(given, network.vn_mad));
  NUBO_TRY(network.bridge_type, bridge_type(given.get("BRIDGE_TYPE"), *conf));
  network.attributes = std::move(given);
  Template& attributes = network.attributes;
  for (const Element& each : shared_elements) {
    network.*each.member = attributes.get(each.name);
    attributes.set(each.name, network.*each.member);
  }
  const std::string given_vlan = network.vlan_id;
  NUBO_CHECK(choose_vlans(network, making));

  network.bridge = attributes.get("BRIDGE");
  if (network.bridge.empty() && network.bridge_type != no_bridge) {
    network.bridge = given_vlan.empty() ? fmt::format("onebr{}", network.id)
                                        : fmt::format("onebr.{}", given_vlan);
  }
  attributes.set("BRIDGE", network.bridge);
  attributes.set("BRIDGE_TYPE", network.bridge_type);
  attributes.set("SECURITY_GROUPS", security_groups(attributes.get("SECURITY_GROUPS")));
  return ok();
}

Status settle_update(VirtualNetwork& network, const Template&, const Settings& settings) {
  Template& attributes = network.attributes;
  for (const char* name : {"AUTOMATIC_VLAN_ID", "AUTOMATIC_OUTER_VLAN_ID"}) attributes.erase(name);
  const std::string& driver = attributes.get("VN_MAD");
  NUBO_TRY(const Vector* conf, driver_conf(settings, driver));
  NUBO_TRY(network.bridge_type, bridge_type(attributes.get("BRIDGE_TYPE"), *conf));
  network.vn_mad = driver;
  attributes.set("BRIDGE_TYPE", network.bridge_type);
  if (const std::string& bridge = attributes.get("BRIDGE"); !bridge.empty())
    network.bridge = bridge;
  attributes.set("BRIDGE", network.bridge);
  for (const Element& each : shared_elements) {
    const bool is_automatic =
        (each.member == &VirtualNetwork::vlan_id && network.vlan_id_automatic) ||
        (each.member == &VirtualNetwork::outer_vlan_id && network.outer_vlan_id_automatic);
    if (is_automatic) {
      attributes.erase(each.name);
      continue;
    }
    network.*each.member = attributes.get(each.name);
    attributes.set(each.name, network.*each.member);
  }
  return ok();
}

}  // namespace nubo::api
