// SPDX-License-Identifier: Apache-2.0
#include "flow/nic_changes.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/lists.h"
#include "flow/context.h"
#include "flow/security_rules.h"
#include "flow/vm_step.h"

namespace nubo {
namespace {

constexpr std::array bandwidth{"INBOUND_AVG_BW",  "INBOUND_PEAK_BW",  "INBOUND_PEAK_KB",
                               "OUTBOUND_AVG_BW", "OUTBOUND_PEAK_BW", "OUTBOUND_PEAK_KB"};

constexpr const char* names[] = {"NIC", "NIC_ALIAS"};  // indexed by NicKind

struct Found {
  NicKind kind = NicKind::nic;
  Vector* nic = nullptr;
};

Found find_nic(Vm& vm, int id) {
  for (const NicKind kind : {NicKind::nic, NicKind::alias}) {
    if (Vector* nic = device(vm, names[static_cast<int>(kind)], "NIC_ID", id)) return {kind, nic};
  }
  return {};
}

Found find_attached(Vm& vm) {
  for (const NicKind kind : {NicKind::nic, NicKind::alias}) {
    if (Vector* nic = marked(vm, names[static_cast<int>(kind)], "ATTACH")) return {kind, nic};
  }
  return {};
}

Status check_cluster(const Draft& draft, const Vector& nic, const History& record) {
  const auto id = nic.number<int>("NETWORK_ID");
  const VirtualNetwork* network = draft.find<VirtualNetwork>(VirtualNetworkId{id.value_or(-1)});
  if (!network || network->clusters.contains(record.cluster_id)) return ok();
  return fail(Code::action, "Virtual network {} is not in cluster {} of VM {}", network->id,
              record.cluster_id, record.vm);
}

/// "ETH2_" or "ETH2_ALIAS0_": how its keys in CONTEXT begin.
std::string context_prefix(NicKind kind, const Vector& nic) {
  if (kind == NicKind::nic) return fmt::format("ETH{}_", nic.get("NIC_ID"));
  return fmt::format("ETH{}_ALIAS{}_", nic.get("PARENT_ID"), nic.get("ALIAS_ID"));
}

void clear_context(Vm& vm, const std::string& prefix) {
  Vector* values = vm.system.vector("CONTEXT");
  if (!values) return;
  Vector kept;
  for (const auto& [key, value] : *values) {
    if (!key.starts_with(prefix)) kept.set(key, value);
  }
  *values = std::move(kept);
}

void set_ids(Vector& vector, const std::string& key, const std::set<int>& ids) {
  if (ids.empty()) {
    vector.erase(key);
  } else {
    vector.set(key, fmt::format("{}", fmt::join(ids, ",")));
  }
}

void leave_parent(Vm& vm, const Vector& alias) {
  Vector* parent = device(vm, "NIC", "NIC_ID", alias.number<int>("PARENT_ID").value_or(-1));
  if (!parent) return;
  std::set<int> aliases = parse_ids(parent->get("ALIAS_IDS"));
  aliases.erase(alias.number<int>("NIC_ID").value_or(-1));
  set_ids(*parent, "ALIAS_IDS", aliases);
}

void remove_one(Draft& draft, Vm& vm, const Found& found) {
  release_nic(draft, vm, *found.nic);
  clear_context(vm, context_prefix(found.kind, *found.nic));
  if (found.kind == NicKind::alias) leave_parent(vm, *found.nic);
  const Vector* gone = found.nic;
  vm.system.erase_if([gone](const Attribute& each) { return each.vector() == gone; });
}

/// A NIC goes with its aliases.
void remove(Draft& draft, Vm& vm, const Found& found) {
  const int nic = found.nic->number<int>("NIC_ID").value_or(-1);
  if (found.kind == NicKind::nic) {
    const std::set<int> aliases = parse_ids(found.nic->get("ALIAS_IDS"));
    for (const int id : aliases) {
      if (const Found alias = find_nic(vm, id); alias.nic) remove_one(draft, vm, alias);
    }
  }
  remove_one(draft, vm, find_nic(vm, nic));
  refresh_rules(draft, vm);
}

constexpr VmEvent attach_event(NicKind kind) {
  return kind == NicKind::nic ? VmEvent::attach_nic : VmEvent::attach_alias;
}

constexpr VmEvent detach_event(NicKind kind) {
  return kind == NicKind::nic ? VmEvent::detach_nic : VmEvent::detach_alias;
}

Status check_nic_state(const ChangeOrder& order, const Vm& vm, VmEvent event,
                       std::string_view what) {
  if (!vm.system.get("VROUTER_ID").empty() && !order.is_by_router) {
    return fail(Code::action, "Action is not supported for virtual router VMs");
  }
  return check_state(vm, event, fmt::format("{} VM {}", what, vm.id));
}

/// Steps, and when there is no guest to be told, what is marked comes true at once.
Status begin(Draft& draft, const ChangeOrder& order, VmEvent event,
             void (*end)(Draft&, Vm&, const Effect&)) {
  NUBO_CHECK(step(draft, order.vm, event, order.caller));
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  if (vm->state != VmState::active) end(draft, *vm, {});
  return ok();
}

Status check_rules_state(const Vm& vm, const char* what) {
  if (!refuses_rules(vm) && vm.state != VmState::done) return ok();
  return fail(Code::action, "Could not {} security group, VM {} is in wrong state {}.", what, vm.id,
              names_of(vm.states()).name);
}

Status apply_rules(Draft& draft, Vm& vm, SecurityGroupId id) {
  refresh_rules(draft, vm);
  NUBO_TRY(SecurityGroup* const group, draft.edit<SecurityGroup>(id));
  return send_rules(draft, vm, *group);
}

}  // namespace

Status attach_nic(Draft& draft, const ChangeOrder& order, NicKind kind, Vector nic,
                  const VmSettings& settings) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  NUBO_CHECK(check_nic_state(order, *vm, attach_event(kind), "add a new NIC to"));
  nic.erase("ATTACH");
  auto completed = complete_new_nic(draft, *vm, kind, nic, settings);
  if (completed) completed = check_cluster(draft, nic, *vm->current());
  if (!completed) {
    completed.error().code = Code::action;
    return completed;
  }
  nic.set("ATTACH", "YES");
  vm->system.add(names[static_cast<int>(kind)], std::move(nic));
  refresh_rules(draft, *vm);
  set_device_context(draft.view(), *vm);
  return begin(draft, order, attach_event(kind), keep_nic);
}

Status detach_nic(Draft& draft, const ChangeOrder& order, int nic_id) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  const Found found = find_nic(*vm, nic_id);
  NUBO_CHECK(check_nic_state(order, *vm, detach_event(found.kind), "detach NIC from"));
  if (!found.nic) {
    return fail(Code::action, "Could not detach NIC with NIC_ID {}, it does not exist.", nic_id);
  }
  found.nic->set("ATTACH", "YES");
  return begin(draft, order, detach_event(found.kind), drop_nic);
}

Status update_nic(Draft& draft, const ChangeOrder& order, int nic_id, const Vector& values,
                  BandwidthUpdate mode) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  const Found found = find_nic(*vm, nic_id);
  if (!found.nic) return fail(Code::action, "VM {}: NIC {} does not exists", vm->id, nic_id);
  if (found.kind == NicKind::alias) {
    return fail(Code::action, "Action not supported for NIC_ALIAS");
  }
  const bool runs = vm->lcm_state == LcmState::running;
  NUBO_CHECK(!vm->system.get("VROUTER_ID").empty()
                 ? Status(fail(Code::action, "Action is not supported for virtual router VMs"))
                 : ok());
  if (vm->state == VmState::active && !runs) {
    return fail(Code::action, "Could not update NIC of VM {}, wrong state {}.", vm->id,
                names_of(vm->states()).name);
  }
  Vector before{{"NIC_ID", std::to_string(nic_id)}};
  bool changed = false;
  for (const char* key : bandwidth) {
    const std::string old = found.nic->get(key);
    if (!old.empty()) before.set(key, old);
    if (!values.contains(key) && mode == BandwidthUpdate::append) continue;
    changed = changed || old != values.get(key);
    if (values.get(key).empty()) {
      found.nic->erase(key);
    } else {
      found.nic->set(key, values.get(key));
    }
  }
  if (!runs || !changed) return ok();
  vm->system.set("VNET_UPDATE", std::move(before));
  return step(draft, order.vm, VmEvent::update_nic, order.caller);
}

Status attach_group(Draft& draft, const GroupOrder& order) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.change.vm));
  if (!draft.find<SecurityGroup>(order.group)) {
    return fail(Code::action, "Could not attach SG {} to VM, SG does not exist", order.group);
  }
  const Found found = find_nic(*vm, order.nic);
  if (!found.nic) {
    return fail(Code::internal, "VM {} doesn't have NIC id {}", vm->id, order.nic);
  }
  NUBO_CHECK(check_rules_state(*vm, "attach"));
  std::set<int> groups = parse_ids(found.nic->get("SECURITY_GROUPS"));
  if (!groups.insert(order.group.value).second) {
    return fail(Code::action, "VM {} SG {} already in NIC {}", vm->id, order.group, order.nic);
  }
  set_ids(*found.nic, "SECURITY_GROUPS", groups);
  return apply_rules(draft, *vm, order.group);
}

Status detach_group(Draft& draft, const GroupOrder& order) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.change.vm));
  const Found found = find_nic(*vm, order.nic);
  if (!found.nic) return fail(Code::action, "VM {} doesn't have NIC id {}", vm->id, order.nic);
  NUBO_CHECK(check_rules_state(*vm, "detach"));
  std::set<int> groups = parse_ids(found.nic->get("SECURITY_GROUPS"));
  if (groups.erase(order.group.value) == 0) {
    return fail(Code::action, "VM {} NIC {} doesn't contain SG {}", vm->id, order.nic, order.group);
  }
  set_ids(*found.nic, "SECURITY_GROUPS", groups);
  return apply_rules(draft, *vm, order.group);
}

void keep_nic(Draft&, Vm& vm, const Effect&) {
  if (const Found found = find_attached(vm); found.nic) found.nic->erase("ATTACH");
}

void drop_nic(Draft& draft, Vm& vm, const Effect&) {
  if (const Found found = find_attached(vm); found.nic) remove(draft, vm, found);
}

void keep_bandwidth(Draft&, Vm& vm, const Effect&) { vm.system.erase("VNET_UPDATE"); }

void fail_bandwidth(Draft&, Vm& vm, const Effect&) {
  const Vector* before = vm.system.vector("VNET_UPDATE");
  if (!before) return;
  if (Vector* nic = device(vm, "NIC", "NIC_ID", before->number<int>("NIC_ID").value_or(-1))) {
    for (const char* key : bandwidth) {
      nic->erase(key);
      if (before->contains(key)) nic->set(key, before->get(key));
    }
  }
  vm.system.erase("VNET_UPDATE");
}

}  // namespace nubo
