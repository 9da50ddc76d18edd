// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_nics.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "auth/digest.h"
#include "base/lists.h"
#include "flow/context.h"
#include "flow/owner_lookup.h"
#include "flow/vm_disks.h"
#include "model/address_ranges.h"
#include "model/leases.h"
#include "text/trim.h"

namespace nubo {
namespace {

constexpr std::array selectors{"NETWORK", "NETWORK_ID", "NETWORK_UID", "NETWORK_UNAME"};
constexpr std::array physical{"VN_MAD", "BRIDGE", "PHYDEV", "VLAN_ID"};

bool names_network(const Vector& nic) {
  return nic.contains("NETWORK_ID") || nic.contains("NETWORK");
}

Result<VirtualNetworkId> network_of(const Draft& draft, const Vm& vm, const Vector& nic) {
  if (nic.contains("NETWORK_ID")) {
    const VirtualNetworkId id{nic.number<int>("NETWORK_ID").value_or(-1)};
    if (draft.find<VirtualNetwork>(id)) return id;
    return fail(Code::internal, "Virtual network with ID: {} does not exist",
                nic.get("NETWORK_ID"));
  }
  const auto owner = named_owner(draft.view(), nic, "NETWORK", vm.uid);
  const std::string& name = nic.get("NETWORK");
  if (owner) {
    if (const auto id = draft.view().names().find(ObjectType::network, owner->value, name)) {
      return VirtualNetworkId{*id};
    }
  }
  return fail(Code::internal,
              "User {} does not own a network with name: {} . Set NETWORK_UNAME or NETWORK_UID of "
              "owner in NIC.",
              owner.value_or(vm.uid), name);
}

LeaseOwner owner_of(const Vm& vm) { return {ObjectType::vm, vm.id.value}; }

const AddressRange* range_of(const VirtualNetwork& network, std::string_view ar_id) {
  const auto found = std::ranges::find_if(network.address_ranges.ranges, [&](const auto& range) {
    return range.attributes.get("AR_ID") == ar_id;
  });
  return found == network.address_ranges.ranges.end() ? nullptr : &*found;
}

void set_unless_empty(Vector& nic, const std::string& key, const std::string& value) {
  if (!value.empty()) nic.set(key, value);
}

void set_network(Vector& nic, const VirtualNetwork& network) {
  nic.set("NETWORK", network.name);
  nic.set("NETWORK_ID", std::to_string(network.id.value));
  nic.set("CLUSTER_ID", cluster_list(network.clusters));
  set_unless_empty(nic, "BRIDGE", network.bridge);
  set_unless_empty(nic, "BRIDGE_TYPE", network.bridge_type);
  set_unless_empty(nic, "VN_MAD", network.vn_mad);
  set_unless_empty(nic, "PHYDEV", network.phydev);
  set_unless_empty(nic, "VLAN_ID", network.vlan_id);
  set_unless_empty(nic, "OUTER_VLAN_ID", network.outer_vlan_id);
  set_unless_empty(nic, "PARENT_NETWORK_ID", network.parent_network_id);
}

void set_inherited(Vector& nic, const VirtualNetwork& network, const AddressRange* range,
                   const VmSettings& settings) {
  for (const char* name : physical) {
    if (range) set_unless_empty(nic, name, range->attributes.get(name));
  }
  for (const std::string& name : settings.inherit_network) {
    if (nic.contains(name)) continue;
    const std::string own = range ? range->attributes.get(name) : "";
    set_unless_empty(nic, name, own.empty() ? network.attributes.get(name) : own);
  }
  std::set<int> groups = parse_ids(nic.get("SECURITY_GROUPS"));
  groups.merge(parse_ids(network.attributes.get("SECURITY_GROUPS")));
  if (range) groups.merge(parse_ids(range->attributes.get("SECURITY_GROUPS")));
  if (!groups.empty()) nic.set("SECURITY_GROUPS", fmt::format("{}", fmt::join(groups, ",")));
}

/// Takes the VM out of all lists of a network or security group.
template <class T>
void forget_vm(T& object, VmId id) {
  object.updated_vms.erase(id);
  object.outdated_vms.erase(id);
  object.updating_vms.erase(id);
  object.error_vms.erase(id);
}

/// Whether it lacks what the network or security group says now.
template <class T>
bool is_behind(const T& object, VmId id) {
  return object.outdated_vms.contains(id) || object.updating_vms.contains(id) ||
         object.error_vms.contains(id);
}

/// A lease, unless the NIC is there for the floating address of its router alone.
Status take_address(const Vm& vm, VirtualNetwork& network, Vector& nic) {
  if (nic.yes("FLOATING_ONLY")) return ok();
  NUBO_TRY(const Lease lease, take_lease(network, LeaseRequest::of(nic), owner_of(vm)));
  for (const auto& [key, value] : lease.values) nic.set(key, value);
  nic.set("AR_ID", std::to_string(lease.ar_id));
  return ok();
}

Status connect(Draft& draft, Vm& vm, Vector& nic, const VmSettings& settings) {
  NUBO_TRY(const VirtualNetworkId id, network_of(draft, vm, nic));
  NUBO_TRY(VirtualNetwork* const network, draft.edit<VirtualNetwork>(id));
  NUBO_CHECK(take_address(vm, *network, nic));
  // One of a shared range, and one that only floats, has no MAC of the range.
  if (!nic.contains("MAC")) {
    nic.set("MAC", mac_with(settings.mac_prefix, random_number()).to_string());
  }
  if (!is_behind(*network, vm.id)) network->updated_vms.insert(vm.id);
  set_network(nic, *network);
  set_inherited(nic, *network, range_of(*network, nic.get("AR_ID")), settings);
  return ok();
}

bool is_automatic(const Vector& nic) { return upper_case(nic.get("NETWORK_MODE")) == "AUTO"; }

Status complete_nic(Draft& draft, Vm& vm, Vector& nic, const VmSettings& settings) {
  if (is_automatic(nic) || !names_network(nic)) return ok();
  nic.set_default("TARGET", fmt::format("one-{}-{}", vm.id, nic.get("NIC_ID")));
  return connect(draft, vm, nic, settings);
}

void merge_defaults(const Vm& vm, Vector& nic) {
  const Vector* defaults = vm.system.vector("NIC_DEFAULT");
  if (!defaults) return;
  for (const auto& [key, value] : *defaults) nic.set_default(key, value);
}

Status check_defaults(const Vm& vm) {
  const Vector* defaults = vm.system.vector("NIC_DEFAULT");
  if (!defaults) return ok();
  for (const char* selector : selectors) {
    if (!defaults->contains(selector)) continue;
    return fail(Code::internal, "Attribute {} is not allowed inside NIC_DEFAULT.", selector);
  }
  return ok();
}

/// Names that the daemon gives are not for others: NIC3, NIC3_ALIAS1.
bool is_own_name(std::string_view name) {
  const auto number = [&name] {
    const std::size_t end = std::min(name.find_first_not_of("0123456789"), name.size());
    name.remove_prefix(end);
    return end > 0;
  };
  if (!name.starts_with("NIC")) return false;
  name.remove_prefix(3);
  if (!number()) return false;
  if (!name.starts_with("_ALIAS")) return name.empty();
  name.remove_prefix(6);
  return number() && name.empty();
}

std::string given_name(const Vector& nic) {
  const std::string& name = nic.get("NAME");
  return is_own_name(name) ? "_" + name : name;
}

std::string alias_name(const Vector& alias, const Vector& parent) {
  const std::string given = given_name(alias);
  if (!given.empty()) return given;
  return fmt::format("NIC{}_ALIAS{}", parent.get("NIC_ID"), alias.get("NIC_ID"));
}

Status complete_alias(Draft& draft, Vm& vm, Vector& alias, const VmSettings& settings) {
  const auto nics = vm.system.vectors("NIC");
  const auto parent = std::ranges::find_if(
      nics, [&](const Vector* nic) { return nic->get("NAME") == alias.get("PARENT"); });
  if (parent == nics.end()) return fail(Code::internal, "Alias not found.");
  const std::string& known = (*parent)->get("ALIAS_IDS");
  int last = -1;
  for (const Vector* each : vm.system.vectors("NIC_ALIAS")) {
    if (each->get("PARENT_ID") != (*parent)->get("NIC_ID")) continue;
    last = std::max(last, each->number<int>("ALIAS_ID").value_or(-1));
  }
  const std::string number = std::to_string(last + 1);
  alias.set("ALIAS_ID", number);
  alias.set("PARENT_ID", (*parent)->get("NIC_ID"));
  alias.set("NAME", alias_name(alias, **parent));
  (*parent)->set("ALIAS_IDS",
                 known.empty() ? alias.get("NIC_ID") : known + "," + alias.get("NIC_ID"));
  return complete_nic(draft, vm, alias, settings);
}

std::set<int> groups_of(const Vm& vm) {
  std::set<int> groups;
  for (const char* kind : {"NIC", "NIC_ALIAS"}) {
    for (const Vector* nic : vm.system.vectors(kind)) {
      groups.merge(parse_ids(nic->get("SECURITY_GROUPS")));
    }
  }
  return groups;
}

void add_rules(Draft& draft, Vm& vm, const std::set<int>& groups) {
  for (const int id : groups) {
    const auto group = draft.edit<SecurityGroup>(SecurityGroupId{id});
    if (!group) continue;
    // A guest that lacks rules still lacks them; a VM without a guest gets all when it has one.
    if (vm.state != VmState::active) forget_vm(**group, vm.id);
    if (!is_behind(**group, vm.id)) (*group)->updated_vms.insert(vm.id);
    for (const Vector* rule : (*group)->attributes.vectors("RULE")) {
      Vector copy = *rule;
      copy.set("SECURITY_GROUP_ID", std::to_string(id));
      copy.set("SECURITY_GROUP_NAME", (*group)->name);
      vm.system.add("SECURITY_GROUP_RULE", std::move(copy));
    }
  }
}

}  // namespace

Status complete_nics(Draft& draft, Vm& vm, const VmSettings& settings) {
  NUBO_CHECK(check_defaults(vm));
  for (Vector* nic : vm.system.vectors("NIC")) merge_defaults(vm, *nic);
  int nic_id = 0;
  for (const char* kind : {"NIC", "NIC_ALIAS"}) {
    for (Vector* nic : vm.system.vectors(kind)) nic->set("NIC_ID", std::to_string(nic_id++));
  }
  for (Vector* nic : vm.system.vectors("NIC")) {
    nic->set("NAME", given_name(*nic));
    nic->set_default("NAME", "NIC" + nic->get("NIC_ID"));
    NUBO_CHECK(complete_nic(draft, vm, *nic, settings));
  }
  for (Vector* alias : vm.system.vectors("NIC_ALIAS")) {
    NUBO_CHECK(complete_alias(draft, vm, *alias, settings));
  }
  refresh_rules(draft, vm);
  return ok();
}

Status connect_automatic_nics(Draft& draft, Vm& vm, const Template& chosen,
                              const VmSettings& settings) {
  for (const Vector* choice : chosen.vectors("NIC")) {
    for (Vector* nic : vm.system.vectors("NIC")) {
      const bool is_meant = is_automatic(*nic) && !nic->contains("NETWORK_ID") &&
                            nic->get("NIC_ID") == choice->get("NIC_ID");
      if (!is_meant) continue;
      nic->set("NETWORK_ID", choice->get("NETWORK_ID"));
      nic->set_default("TARGET", fmt::format("one-{}-{}", vm.id, nic->get("NIC_ID")));
      if (const Status connected = connect(draft, vm, *nic, settings); !connected) {
        return fail(Code::action, "{}", connected.error().message);
      }
    }
  }
  refresh_rules(draft, vm);
  set_device_context(draft.view(), vm);
  return ok();
}

Status complete_new_nic(Draft& draft, Vm& vm, NicKind kind, Vector& nic,
                        const VmSettings& settings) {
  int last = -1;
  for (const char* name : {"NIC", "NIC_ALIAS"}) {
    for (const Vector* each : vm.system.vectors(name)) {
      last = std::max(last, each->number<int>("NIC_ID").value_or(-1));
    }
  }
  nic.set("NIC_ID", std::to_string(last + 1));
  if (kind == NicKind::alias) return complete_alias(draft, vm, nic, settings);
  merge_defaults(vm, nic);
  nic.set("NAME", given_name(nic));
  nic.set_default("NAME", "NIC" + nic.get("NIC_ID"));
  return complete_nic(draft, vm, nic, settings);
}

void release_nic(Draft& draft, Vm& vm, const Vector& nic) {
  const auto id = nic.number<int>("NETWORK_ID");
  const auto network = draft.edit<VirtualNetwork>(VirtualNetworkId{id.value_or(-1)});
  if (!network) return;
  release_lease(**network, nic, owner_of(vm));
  int uses = 0;
  for (const char* kind : {"NIC", "NIC_ALIAS"}) {
    for (const Vector* each : vm.system.vectors(kind)) {
      uses += each->number<int>("NETWORK_ID") == id ? 1 : 0;
    }
  }
  if (uses <= 1) forget_vm(**network, vm.id);
}

void refresh_rules(Draft& draft, Vm& vm) {
  std::set<int> before;
  for (const Vector* rule : vm.system.vectors("SECURITY_GROUP_RULE")) {
    if (const auto id = rule->number<int>("SECURITY_GROUP_ID")) before.insert(*id);
  }
  vm.system.erase("SECURITY_GROUP_RULE");
  const std::set<int> now = groups_of(vm);
  for (const int id : before) {
    if (now.contains(id)) continue;
    if (const auto left = draft.edit<SecurityGroup>(SecurityGroupId{id})) forget_vm(**left, vm.id);
  }
  add_rules(draft, vm, now);
}

void release_nics(Draft& draft, const Vm& vm) {
  std::set<int> networks;
  for (const char* kind : {"NIC", "NIC_ALIAS"}) {
    for (const Vector* nic : vm.system.vectors(kind)) {
      if (const auto id = nic->number<int>("NETWORK_ID")) networks.insert(*id);
    }
  }
  for (const int id : networks) {
    const auto network = draft.edit<VirtualNetwork>(VirtualNetworkId{id});
    if (!network) continue;
    release_leases(**network, owner_of(vm));
    forget_vm(**network, vm.id);
  }
  for (const int id : groups_of(vm)) {
    if (const auto group = draft.edit<SecurityGroup>(SecurityGroupId{id})) {
      forget_vm(**group, vm.id);
    }
  }
}

}  // namespace nubo
