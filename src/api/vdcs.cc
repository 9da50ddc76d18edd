// SPDX-License-Identifier: Apache-2.0
// one.vdc.*, one.vdcpool.* (sheets api.md §7, objects.md §6.6). The ACL rules that a VDC brings its
// groups follow each change; a rule stays while any VDC stands for it.
#include <algorithm>

#include "api/acl_rules.h"
#include "api/generic.h"

namespace nubo::api {
namespace {

constexpr int first_own_id = 100;
constexpr ZoneId local_zone{0};

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::vdc)}}));
  Vdc made;
  made.name = given.get("NAME");
  NUBO_CHECK(check_name(made.name));
  given.erase("NAME");
  given.drop_empty_vectors();
  made.attributes = std::move(given);
  NUBO_TRY(const VdcId id, draft.insert(std::move(made)));
  return Value(id.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto vdc, permitted<Vdc>(draft.view(), call, call.args.integer(0), Right::admin));
  if (vdc->id.value < first_own_id) {
    return cannot_delete<Vdc>("System VDCs (ID < 100) cannot be deleted.");
  }
  erase_object<Vdc>(draft, vdc->id);
  NUBO_CHECK(follow_vdc(draft, *vdc, vdc_rights(call.settings().config)));
  return Value(vdc->id.value);
}

/// Changes the VDC by `edit` (Status(Vdc&)) and lets the rules follow.
template <class Edit>
Result<Value> change(Draft& draft, const Context& call, const Ptr<Vdc>& vdc, Edit edit) {
  NUBO_TRY(Vdc * changed, draft.edit<Vdc>(vdc->id));
  NUBO_CHECK(edit(*changed));
  NUBO_CHECK(follow_vdc(draft, *vdc, vdc_rights(call.settings().config)));
  return Value(vdc->id.value);
}

// --- groups -------------------------------------------------------------------------------------

Result<Value> addgroup(Draft& draft, const Context& call) {
  NUBO_TRY(const auto vdc, draft.view().get<Vdc>(VdcId{call.args.integer(0)}));
  NUBO_TRY(const auto group, draft.view().get<Group>(GroupId{call.args.integer(1)}));
  NUBO_CHECK(authorize(draft.view(), call,
                       {{Right::admin, guard_of(*vdc)}, {Right::admin, guard_of(*group)}}));
  return change(draft, call, vdc, [&](Vdc& changed) -> Status {
    if (changed.groups.insert(group->id).second) return ok();
    return fail(Code::internal, "Group {} is already assigned to the VDC {}", group->id, vdc->id);
  });
}

/// The group may be one that is gone.
Result<Value> delgroup(Draft& draft, const Context& call) {
  const GroupId id{call.args.integer(1)};
  NUBO_TRY(const auto vdc, draft.view().get<Vdc>(VdcId{call.args.integer(0)}));
  std::vector<AuthRequest> needs{{Right::admin, guard_of(*vdc)}};
  if (const auto group = draft.view().find<Group>(id)) {
    needs.push_back({Right::admin, guard_of(*group)});
  }
  NUBO_CHECK(nubo::authorize(draft.view(), call.caller, needs));
  return change(draft, call, vdc, [&](Vdc& changed) -> Status {
    if (changed.groups.erase(id) > 0) return ok();
    return fail(Code::internal, "Group {} is not assigned to the VDC {}", id, vdc->id);
  });
}

// --- resources ----------------------------------------------------------------------------------

template <class T>
auto& resources_of(Vdc& vdc) {
  if constexpr (std::is_same_v<T, Cluster>) return vdc.clusters.list;
  if constexpr (std::is_same_v<T, Host>) return vdc.hosts.list;
  if constexpr (std::is_same_v<T, Datastore>) return vdc.datastores.list;
  if constexpr (std::is_same_v<T, VirtualNetwork>) return vdc.networks.list;
}

/// VDC, zone and resource of a call.
template <class T>
struct Assignment {
  Ptr<Vdc> vdc;
  ZoneId zone;
  IdOf<T> resource;

  bool is_local() const { return zone == local_zone && resource.value != vdc_all_resources; }
};

template <class T>
Result<Assignment<T>> assignment(const Draft& draft, const Context& call) {
  NUBO_TRY(auto vdc, draft.view().get<Vdc>(VdcId{call.args.integer(0)}));
  return Assignment<T>{std::move(vdc), ZoneId{call.args.integer(1)}, IdOf<T>{call.args.integer(2)}};
}

template <class T>
Result<Value> add(Draft& draft, const Context& call) {
  NUBO_TRY(const Assignment<T> asked, assignment<T>(draft, call));
  NUBO_TRY(const auto zone, draft.view().get<Zone>(asked.zone));
  Guard resource = new_object(T::type);
  if (asked.is_local()) {
    NUBO_TRY(const auto found, draft.view().get<T>(asked.resource));
    resource = guard_of(*found);
  }
  NUBO_CHECK(authorize(draft.view(), call,
                       {{Right::admin, guard_of(*asked.vdc)},
                        {Right::admin, guard_of(*zone)},
                        {Right::admin, resource}}));
  return change(draft, call, asked.vdc, [&](Vdc& vdc) -> Status {
    auto& list = resources_of<T>(vdc);
    const typename std::decay_t<decltype(list)>::value_type entry{asked.zone, asked.resource};
    if (std::ranges::find(list, entry) != list.end()) {
      return fail(Code::internal, "{} {} from Zone {} is already assigned to the VDC",
                  names_of(T::type).acl, asked.resource, asked.zone);
    }
    if (asked.resource.value == vdc_all_resources) {
      std::erase_if(list, [&](const auto& each) { return each.zone_id == asked.zone; });
    }
    const auto behind = std::ranges::find_if(list, [&entry](const auto& each) {
      return std::pair(each.zone_id, each.id) > std::pair(entry.zone_id, entry.id);
    });
    list.insert(behind, entry);
    return ok();
  });
}

/// Zone and resource may be such as are gone.
template <class T>
Result<Value> drop(Draft& draft, const Context& call) {
  NUBO_TRY(const Assignment<T> asked, assignment<T>(draft, call));
  std::vector<AuthRequest> needs{{Right::admin, guard_of(*asked.vdc)}};
  if (const auto zone = draft.view().find<Zone>(asked.zone)) {
    needs.push_back({Right::admin, guard_of(*zone)});
  }
  if (const auto found = draft.view().find<T>(asked.resource); found && asked.is_local()) {
    needs.push_back({Right::admin, guard_of(*found)});
  }
  NUBO_CHECK(nubo::authorize(draft.view(), call.caller, needs));
  return change(draft, call, asked.vdc, [&](Vdc& vdc) -> Status {
    const auto is_asked = [&](const auto& each) {
      return each.zone_id == asked.zone && each.id == asked.resource;
    };
    if (std::erase_if(resources_of<T>(vdc), is_asked) > 0) return ok();
    return fail(Code::internal, "{} {} from Zone {} is not assigned to the VDC ",
                names_of(T::type).acl, asked.resource, asked.zone);
  });
}

}  // namespace

std::vector<Call> vdc_calls() {
  const Parameter a_group{"group", Type::integer};
  const std::vector<Parameter> resource{
      an_id, {"zone", Type::integer}, {"resource", Type::integer}};
  return {
      {"one.vdc.allocate", {a_template}, allocate},
      {"one.vdc.delete", {an_id}, remove},
      {"one.vdc.info", {an_id, a_decrypt_flag}, info<Vdc>},
      {"one.vdc.update", {an_id, a_template, an_update_type}, update<Vdc>},
      {"one.vdc.rename", {an_id, a_name}, rename<Vdc>},
      {"one.vdc.addgroup", {an_id, a_group}, addgroup},
      {"one.vdc.delgroup", {an_id, a_group}, delgroup},
      {"one.vdc.addcluster", resource, add<Cluster>},
      {"one.vdc.delcluster", resource, drop<Cluster>},
      {"one.vdc.addhost", resource, add<Host>},
      {"one.vdc.delhost", resource, drop<Host>},
      {"one.vdc.adddatastore", resource, add<Datastore>},
      {"one.vdc.deldatastore", resource, drop<Datastore>},
      {"one.vdc.addvnet", resource, add<VirtualNetwork>},
      {"one.vdc.delvnet", resource, drop<VirtualNetwork>},
      {"one.vdcpool.info", {}, whole_pool<Vdc>},
  };
}

}  // namespace nubo::api
