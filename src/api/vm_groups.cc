// SPDX-License-Identifier: Apache-2.0
// one.vmgroup.*, one.vmgrouppool.*, and one.vm.vmgroupadd and vmgroupdel (sheets api.md §7,
// objects.md §5.4).
#include "flow/vm_groups.h"

#include "api/generic.h"
#include "auth/vm_operations.h"

namespace nubo::api {
namespace {

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::vm_group)}}));
  const std::string name = given.get("NAME");
  NUBO_CHECK(check_name(name));
  given.erase("NAME");
  VmGroup made;
  static_cast<Owned&>(made) = owned_by_caller(call, name);
  for (Attribute& role : given.take("ROLE")) {
    if (role.vector()) NUBO_CHECK(add_role(made, std::move(*role.vector())));
  }
  given.drop_empty_vectors();
  made.attributes = std::move(given);
  NUBO_CHECK(check_rules(made));
  NUBO_TRY(const VmGroupId id, draft.insert(std::move(made)));
  return Value(id.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto group,
           permitted<VmGroup>(draft.view(), call, call.args.integer(0), Right::manage));
  erase_object<VmGroup>(draft, group->id);
  return Value(group->id.value);
}

Status after_update(Draft&, const Context&, VmGroup& group, const Template&) {
  if (const std::size_t vms = count_vms(group); vms > 0) {
    return fail(Code::internal, "VM Group has {} VMs", vms);
  }
  group.attributes.erase("ROLE");
  return check_rules(group);
}

// --- roles --------------------------------------------------------------------------------------

/// The group of a call that changes its roles.
Result<VmGroup*> changeable(Draft& draft, const Context& call) {
  NUBO_TRY(const auto group,
           permitted<VmGroup>(draft.view(), call, call.args.integer(0), Right::manage));
  return draft.edit<VmGroup>(group->id);
}

Failure refused(const Error& cause) { return fail(Code::action, "{}", cause.message); }

Result<Vector> role_in(const std::string& text) {
  const auto given = parse_template(text);
  if (!given) return refused(given.error());
  if (const Vector* role = given->vector("ROLE")) return *role;
  return fail(Code::action, "No ROLE attribute in template");
}

Result<Value> roleadd(Draft& draft, const Context& call) {
  NUBO_TRY(VmGroup * group, changeable(draft, call));
  NUBO_TRY(Vector role, role_in(call.args.text(1)));
  if (const Status added = add_role(*group, std::move(role)); !added) return refused(added.error());
  return Value(group->id.value);
}

Result<Value> roledelete(Draft& draft, const Context& call) {
  const int id = call.args.integer(1);
  NUBO_TRY(VmGroup * group, changeable(draft, call));
  const Vector* role = role_numbered(std::as_const(*group), id);
  if (!role) {
    return fail(Code::action, "Unable to delete role {}, the role doesn't exists", id);
  }
  if (!vms_of(*role).empty()) {
    return fail(Code::action, "Unable to delete role {}, the role has assigned VMs ", id);
  }
  remove_role(*group, id);
  if (const Status valid = check_rules(*group); !valid) return refused(valid.error());
  return Value(group->id.value);
}

Result<Value> roleupdate(Draft& draft, const Context& call) {
  const int id = call.args.integer(1);
  NUBO_TRY(VmGroup * group, changeable(draft, call));
  NUBO_TRY(const Vector given, role_in(call.args.text(2)));
  const Vector* role = role_numbered(std::as_const(*group), id);
  if (!role) return fail(Code::action, "VMGroup {} doesn't have role {}", group->id, id);
  if (!vms_of(*role).empty()) {
    return fail(Code::action, "VMGroup {} Role {} has VMs, unable to update", group->id, id);
  }
  if (const Status done = change_role(*group, id, given); !done) return refused(done.error());
  return Value(group->id.value);
}

// --- one VM -------------------------------------------------------------------------------------

/// The VM of a call that changes its group.
Result<Ptr<Vm>> member(const Draft& draft, const Context& call) {
  return permitted<Vm>(draft, call, call.args.integer(0),
                       vm_operation_right(draft.view(), call.caller, "vmgroup"));
}

/// A VM that runs must be where its new role wants it.
Status check_place(const Draft& draft, const Vm& vm) {
  if (vm.state != VmState::active || !vm.current()) return ok();
  const Host* host = draft.find<Host>(vm.current()->host_id);
  return host ? check_affinity(draft.view(), vm, *host) : ok();
}

Result<Value> vmgroupadd(Draft& draft, const Context& call) {
  NUBO_TRY(const Vm* const known, draft.get<Vm>(VmId{call.args.integer(0)}));
  NUBO_TRY(const auto group, draft.view().get<VmGroup>(VmGroupId{call.args.integer(1)}));
  NUBO_CHECK(member(draft, call));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::use, guard_of(*group)}}));
  NUBO_TRY(Vm * vm, draft.edit<Vm>(known->id));
  if (vm->state == VmState::done) {
    return fail(Code::action, "Cannot add VM {} to a VM group in state DONE", vm->id);
  }
  leave_vm_group(draft, *vm);
  vm->system.set("VMGROUP", Vector{{"ROLE", call.args.text(2)},
                                   {"VMGROUP_ID", std::to_string(group->id.value)}});
  if (const Status joined = join_vm_group(draft, *vm); !joined) return refused(joined.error());
  NUBO_CHECK(check_place(draft, *vm));
  return Value(vm->id.value);
}

Result<Value> vmgroupdel(Draft& draft, const Context& call) {
  NUBO_TRY(const auto known, member(draft, call));
  NUBO_TRY(Vm * vm, draft.edit<Vm>(known->id));
  leave_vm_group(draft, *vm);
  vm->system.erase("VMGROUP");
  return Value(vm->id.value);
}

}  // namespace

std::vector<Call> vm_group_calls() {
  using G = VmGroup;
  const Parameter a_role{"role", Type::integer};
  return {
      {"one.vmgroup.allocate", {a_template}, allocate},
      {"one.vmgroup.delete", {an_id}, remove},
      {"one.vmgroup.info", {an_id, a_decrypt_flag}, info<G>},
      {"one.vmgroup.update", {an_id, a_template, an_update_type}, update<G, after_update>},
      {"one.vmgroup.rename", {an_id, a_name}, rename<G>},
      {"one.vmgroup.chown", chown_parameters(), chown<G>},
      {"one.vmgroup.chmod", chmod_parameters(), chmod<G>},
      {"one.vmgroup.lock", lock_parameters(), lock<G>},
      {"one.vmgroup.unlock", {an_id}, unlock<G>},
      {"one.vmgroup.roleadd", {an_id, a_template}, roleadd},
      {"one.vmgroup.roledelete", {an_id, a_role}, roledelete},
      {"one.vmgroup.roleupdate", {an_id, a_role, a_template}, roleupdate},
      {"one.vm.vmgroupadd", {an_id, {"group", Type::integer}, {"role", Type::text}}, vmgroupadd},
      {"one.vm.vmgroupdel", {an_id}, vmgroupdel},
      {"one.vmgrouppool.info", pool_parameters(), pool_info<G>},
  };
}

}  // namespace nubo::api
