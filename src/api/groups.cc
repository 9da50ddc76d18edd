// SPDX-License-Identifier: Apache-2.0
// one.group.*, one.grouppool.* (sheets api.md §7, objects.md §6.4).
#include "api/acl_rules.h"
#include "api/generic.h"
#include "api/members.h"
#include "api/vlan_rules.h"
#include "auth/vm_operations.h"

namespace nubo::api {
namespace {

constexpr int first_own_id = 100;
constexpr VdcId default_vdc{0};

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::group)}}));
  Group group;
  group.name = call.args.text(0);
  NUBO_CHECK(check_name(group.name, " "));
  NUBO_TRY(const GroupId id, draft.insert(std::move(group)));
  if (draft.find<Vdc>(default_vdc)) {
    Vdc* vdc = *draft.edit<Vdc>(default_vdc);
    vdc->groups.insert(id);
    NUBO_CHECK(add_rules(draft, vdc_rules(*vdc, id, vdc_rights(call.settings().config))));
  }
  return Value(id.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto group,
           permitted<Group>(draft.view(), call, call.args.integer(0), Right::admin));
  if (group->id.value < first_own_id) {
    return cannot_delete<Group>("System Groups (ID < 100) cannot be deleted.");
  }
  if (!group->users.empty()) {
    return cannot_delete<Group>(fmt::format("Group {} is not empty.", group->id));
  }
  erase_object<Group>(draft, group->id);
  return Value(group->id.value);
}

/// group.info: -1 is the caller's primary group.
Result<Value> group_info(const Context& call) {
  const int asked = call.args.integer(0);
  NUBO_TRY(const auto group,
           permitted<Group>(*call.snapshot, call, asked == -1 ? call.caller.gid.value : asked,
                            Right::use));
  return Value(info_document(call, *call.snapshot->pool<Group>().entry(group->id)));
}

Status check_update(Draft&, const Context&, Group& group, const Template&) {
  return check_vm_operations(group.attributes);
}

struct Administration {
  Ptr<Group> group;
  Ptr<User> user;
};

Result<Administration> administration(const Draft& draft, const Context& call) {
  Administration asked;
  NUBO_TRY(asked.group, draft.view().get<Group>(GroupId{call.args.integer(0)}));
  NUBO_TRY(asked.user, draft.view().get<User>(UserId{call.args.integer(1)}));
  NUBO_CHECK(
      authorize(draft.view(), call,
                {{Right::admin, guard_of(*asked.group)}, {Right::admin, guard_of(*asked.user)}}));
  return asked;
}

Result<Value> addadmin(Draft& draft, const Context& call) {
  NUBO_TRY(const Administration asked, administration(draft, call));
  const auto& [group, user] = asked;
  if (!group->users.contains(user->id)) {
    return fail(Code::internal, "Cannot edit group. User {} is not part of Group {}.", user->id,
                group->id);
  }
  if (group->admins.contains(user->id)) {
    return fail(Code::internal,
                "Cannot edit group. User {} is already an administrator of Group {}.", user->id,
                group->id);
  }
  (*draft.edit<Group>(group->id))->admins.insert(user->id);
  NUBO_CHECK(add_rules(draft, administrator_rules(user->id, group->id)));
  return Value(group->id.value);
}

Result<Value> deladmin(Draft& draft, const Context& call) {
  NUBO_TRY(const Administration asked, administration(draft, call));
  const auto& [group, user] = asked;
  if (!group->admins.contains(user->id)) {
    return fail(Code::internal, "Cannot edit group. User {} is not an administrator of Group {}.",
                user->id, group->id);
  }
  drop_administrator(draft, user->id, group->id);
  return Value(group->id.value);
}

// --- VLAN rules ---------------------------------------------------------------------------------

/// Other attributes than RULE are kept and shown, and say nothing.
Result<Value> vlan(Draft& draft, const Context& call) {
  NUBO_TRY(const auto group,
           permitted<Group>(draft.view(), call, call.args.integer(0), Right::admin));
  auto rules = parse_template(call.args.text(1));
  if (!rules) return fail(Code::action, "{}", rules.error().message);
  NUBO_CHECK(settle_vlan_rules(*rules));
  (*draft.edit<Group>(group->id))->vlan_rules = *std::move(rules);
  return Value(group->id.value);
}

}  // namespace

std::vector<Call> group_calls() {
  const Parameter a_user{"uid", Type::integer};
  return {
      {"one.group.allocate", {a_name}, allocate},
      {"one.group.delete", {an_id}, remove},
      {"one.group.info", {an_id, a_decrypt_flag}, group_info},
      {"one.group.update", {an_id, a_template, an_update_type}, update<Group, check_update>},
      {"one.group.addadmin", {an_id, a_user}, addadmin},
      {"one.group.deladmin", {an_id, a_user}, deladmin},
      {"one.group.vlan", {an_id, a_template}, vlan},
      {"one.grouppool.info", {}, whole_pool<Group>},
  };
}

}  // namespace nubo::api
