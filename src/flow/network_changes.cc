// SPDX-License-Identifier: Apache-2.0
#include "flow/network_changes.h"

#include <algorithm>
#include <array>

namespace nubo {
namespace {

constexpr std::array pushed{
    "PHYDEV",          "MTU",              "VLAN_ID",          "QINQ_TYPE",       "CVLANS",
    "VLAN_TAGGED_ID",  "OUTER_VLAN_ID",    "INBOUND_AVG_BW",   "INBOUND_PEAK_BW", "INBOUND_PEAK_KB",
    "OUTBOUND_AVG_BW", "OUTBOUND_PEAK_BW", "OUTBOUND_PEAK_KB", "SPOOFCHK",        "TRUST"};
constexpr const char* open_changes = "VNET_UPDATE";  // name → old value

bool cannot_change_now(const Vm& vm) {
  using enum LcmState;
  constexpr std::array busy{
      boot,          boot_unknown,         boot_poweroff,         boot_suspended,
      boot_stopped,  boot_undeploy,        boot_migrate,          boot_failure,
      migrate,       boot_migrate_failure, boot_undeploy_failure, boot_stopped_failure,
      unknown,       hotplug,              hotplug_nic,           hotplug_nic_poweroff,
      hotplug_saveas, hotplug_snapshot,    hotplug_resize,        disk_snapshot,
      disk_resize,   disk_snapshot_delete};
  return vm.state == VmState::active && std::ranges::find(busy, vm.lcm_state) != busy.end();
}

void change_nic(Vector& nic, const Vector& old_values, const VirtualNetwork& network) {
  for (const auto& [name, old_value] : old_values) {
    const bool is_own = !nic.get(name).empty() && nic.get(name) != old_value;
    if (is_own) continue;
    if (const std::string& value = network.attributes.get(name); !value.empty()) {
      nic.set(name, value);
    } else {
      nic.erase(name);
    }
  }
}

void change_nics(Vm& vm, const Vector& old_values, const VirtualNetwork& network) {
  for (const char* kind : {"NIC", "NIC_ALIAS", "PCI"}) {
    for (Vector* nic : vm.system.vectors(kind)) {
      if (nic->number<int>("NETWORK_ID") == network.id.value) {
        change_nic(*nic, old_values, network);
      }
    }
  }
}

Status push(Draft& draft, VirtualNetwork& network, const Vector& old_values) {
  const IdSet<VmTag> outdated = std::move(network.outdated_vms);
  network.outdated_vms.clear();
  for (const VmId id : outdated) {
    const Vm* vm = draft.find<Vm>(id);
    if (!vm || vm->state == VmState::done) continue;
    if (cannot_change_now(*vm)) {
      network.error_vms.insert(id);
      continue;
    }
    change_nics(**draft.edit<Vm>(id), old_values, network);
    network.updated_vms.insert(id);
  }
  const bool is_left = !network.error_vms.empty();
  network.state = is_left ? NetworkState::update_failure : NetworkState::ready;
  if (is_left) {
    network.attributes.set(open_changes, old_values);
  } else {
    network.attributes.erase(open_changes);
  }
  return ok();
}

}  // namespace

Status push_network_changes(Draft& draft, VirtualNetworkId id, const Template& before) {
  NUBO_TRY(VirtualNetwork* const network, draft.edit<VirtualNetwork>(id));
  const bool is_in_use = network->state == NetworkState::ready ||
                         network->state == NetworkState::update_failure;
  Vector old_values;
  for (const char* name : pushed) {
    if (before.get(name) != network->attributes.get(name)) old_values.set(name, before.get(name));
  }
  if (old_values.empty() || !is_in_use) return ok();
  network->outdated_vms.merge(network->updated_vms);
  network->outdated_vms.merge(network->updating_vms);
  network->outdated_vms.merge(network->error_vms);
  return push(draft, *network, old_values);
}

Status push_network_changes_again(Draft& draft, VirtualNetworkId id) {
  NUBO_TRY(VirtualNetwork* const network, draft.edit<VirtualNetwork>(id));
  const Vector* found = network->attributes.vector(open_changes);
  const Vector old_values = found ? *found : Vector{};
  network->outdated_vms.merge(network->updating_vms);
  network->outdated_vms.merge(network->error_vms);
  return push(draft, *network, old_values);
}

}  // namespace nubo
