// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_groups.h"

#include "flow/owner_lookup.h"
#include "sched/affinity.h"

namespace nubo {
namespace {

Result<VmGroupId> group_of(const Draft& draft, const Vm& vm, const Vector& member) {
  const std::string& name = member.get("VMGROUP_NAME");
  if (name.empty()) {
    const VmGroupId id{member.number<int>("VMGROUP_ID").value_or(-1)};
    if (draft.find<VmGroup>(id)) return id;
    return fail(Code::internal, "Cannot find VM Group to associate the VM");
  }
  const auto owner = named_owner(draft.view(), member, "VMGROUP", vm.uid);
  const auto id =
      owner ? draft.view().names().find(ObjectType::vm_group, owner->value, name) : std::nullopt;
  if (id) return VmGroupId{*id};
  return fail(Code::internal,
              "User {} does not own a VM Group with name: {} . Set VMGROUP_UNAME or VMGROUP_UID of "
              "owner in VMGROUP.",
              owner.value_or(vm.uid), name);
}

}  // namespace

Status join_vm_group(Draft& draft, Vm& vm) {
  Vector* member = vm.system.vector("VMGROUP");
  if (!member) return ok();
  if (member->get("ROLE").empty()) {
    return fail(Code::internal, "Missing role name in VM Group definition");
  }
  NUBO_TRY(const VmGroupId id, group_of(draft, vm, *member));
  NUBO_TRY(VmGroup* const group, draft.edit<VmGroup>(id));
  Vector* role = role_named(*group, member->get("ROLE"));
  if (!role) return fail(Code::internal, "Role does not exist in VM Group");
  IdSet<VmTag> vms = vms_of(*role);
  vms.insert(vm.id);
  set_vms(*role, vms);
  member->set("VMGROUP_ID", std::to_string(id.value));
  return ok();
}

void leave_vm_group(Draft& draft, const Vm& vm) {
  const Vector* member = vm.system.vector("VMGROUP");
  if (!member) return;
  const VmGroupId id{member->number<int>("VMGROUP_ID").value_or(-1)};
  if (!draft.find<VmGroup>(id)) return;
  Vector* role = role_named(**draft.edit<VmGroup>(id), member->get("ROLE"));
  if (!role) return;
  IdSet<VmTag> vms = vms_of(*role);
  vms.erase(vm.id);
  set_vms(*role, vms);
}

Status check_affinity(const Snapshot& snapshot, const Vm& vm, const Host& host) {
  const Affinity affinity = affinity_of(snapshot, vm);
  if (affinity.allows(host.id, host.vms, any_has_host(snapshot, affinity.together))) return ok();
  return fail(Code::action, "VM {} cannot run on host {}: its VM Group does not allow it", vm.id,
              host.id);
}

}  // namespace nubo
