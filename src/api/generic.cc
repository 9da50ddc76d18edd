// SPDX-License-Identifier: Apache-2.0
#include "api/generic.h"

#include <array>

#include "api/preferences.h"

namespace nubo::api {
namespace {

const char* restricted_list(ObjectType type) {
  if (type == ObjectType::vm_template || type == ObjectType::vm) return "VM_RESTRICTED_ATTR";
  if (type == ObjectType::image) return "IMAGE_RESTRICTED_ATTR";
  if (type == ObjectType::network) return "VNET_RESTRICTED_ATTR";
  if (type == ObjectType::user) return "USER_RESTRICTED_ATTR";
  if (type == ObjectType::group) return "GROUP_RESTRICTED_ATTR";
  return "";
}

constexpr std::array permission_bits{
    &Permissions::owner_u, &Permissions::owner_m, &Permissions::owner_a,
    &Permissions::group_u, &Permissions::group_m, &Permissions::group_a,
    &Permissions::other_u, &Permissions::other_m, &Permissions::other_a};
constexpr std::array permission_names{"owner_u", "owner_m", "owner_a", "group_u", "group_m",
                                      "group_a", "other_u", "other_m", "other_a"};

template <class Tag>
bool drop_resource(VdcResources<Tag>& resources, int id) {
  return std::erase_if(resources.list,
                       [id](const VdcResource<Tag>& each) { return each.id.value == id; }) > 0;
}

bool drop_from_vdc(Vdc& vdc, ObjectType type, int id) {
  if (type == ObjectType::cluster) return drop_resource(vdc.clusters, id);
  if (type == ObjectType::host) return drop_resource(vdc.hosts, id);
  if (type == ObjectType::datastore) return drop_resource(vdc.datastores, id);
  if (type == ObjectType::network) return drop_resource(vdc.networks, id);
  if (type == ObjectType::group) return vdc.groups.erase(GroupId{id}) > 0;
  return false;
}

bool rule_names(const AclRule& rule, ObjectType type, int id) {
  const auto selects = [id](std::uint64_t component, std::uint64_t selector) {
    return (component & selector) != 0 &&
           (component & acl_id_mask) == static_cast<std::uint64_t>(id);
  };
  if ((rule.resource & static_cast<std::uint64_t>(type)) != 0 &&
      selects(rule.resource, acl_individual)) {
    return true;
  }
  if (type == ObjectType::user) return selects(rule.user, acl_individual);
  if (type == ObjectType::group) {
    return selects(rule.user, acl_group) || selects(rule.resource, acl_group);
  }
  return type == ObjectType::cluster && selects(rule.resource, acl_cluster);
}

}  // namespace

std::string preference(const Context& call, const char* key) {
  const auto in_vector = [key](const Template& attributes) -> std::string {
    const Vector* own = attributes.vector("OPENNEBULA");
    return own ? own->get(key) : "";
  };
  std::string value;
  if (const auto user = call.snapshot->find<User>(call.caller.uid)) {
    value = in_vector(user->attributes);
  }
  if (const auto group = call.snapshot->find<Group>(call.caller.gid); value.empty() && group) {
    value = in_vector(group->attributes);
  }
  return value.empty() ? call.settings().config.get(key) : value;
}

bool lists_ascend(const Context& call) { return preference(call, "API_LIST_ORDER") == "ASC"; }

RestrictedNames restricted_names(const Context& call, ObjectType type) {
  if (call.caller.is_admin()) return {};
  return listed(call.settings().config, restricted_list(type));
}

Status check_restricted(const Context& call, ObjectType type, const Template& given) {
  const std::string name = first_restricted(restricted_names(call, type), given);
  if (name.empty()) return ok();
  const bool is_vm = type == ObjectType::vm_template || type == ObjectType::vm;
  // Of a vector its key is named.
  return fail(Code::authorization, "User [{}] : {} includes a restricted attribute {}.",
              call.caller.uid, is_vm ? "VM Template" : "Template",
              is_vm ? name.substr(name.find('/') + 1) : name);
}

Result<Template> updated_template(const Context& call, ObjectType type, const Template& current) {
  const bool append = call.args.integer(2) == 1;
  NUBO_TRY(Template given, parse_template(call.args.text(1)));
  const RestrictedNames restricted = restricted_names(call, type);
  if (append) {
    NUBO_CHECK(check_append(restricted, current, given));
    Template merged = current;
    merged.merge(given);
    return merged;
  }
  NUBO_CHECK(carry_over(restricted, current, given));
  given.drop_empty_vectors();
  return given;
}

Result<Permissions> new_permissions(const Args& args, const Permissions& current) {
  Permissions bits = current;
  for (std::size_t place = 0; place < permission_bits.size(); ++place) {
    const int value = args.integer(place + 1);
    if (value < -1 || value > 1) {
      return fail(Code::internal, "New permission values must be -1, 0 or 1");
    }
    if (value >= 0) bits.*permission_bits[place] = value == 1;
  }
  return bits;
}

Result<Right> chmod_right(const Context& call, const Permissions& before,
                          const Permissions& after) {
  const bool others_change = before.other_u != after.other_u || before.other_m != after.other_m ||
                             before.other_a != after.other_a;
  if (others_change && !call.settings().auth.enable_other_permissions && !call.caller.is_admin()) {
    return fail(Code::authorization,
                "User [{}] : Management of 'other' permissions is disabled in oned.conf.",
                call.caller.uid);
  }
  const bool admin_bits_change = before.owner_a != after.owner_a ||
                                 before.group_a != after.group_a || before.other_a != after.other_a;
  return admin_bits_change ? Right::admin : Right::manage;
}

Result<NewOwner> new_owner(const Draft& draft, const Context& call, const Owned& object,
                           const AuthRequest& request) {
  const Snapshot& state = draft.view();
  const UserId uid{call.args.integer(1)};
  const GroupId gid{call.args.integer(2)};
  std::vector<AuthRequest> requests{request};
  NewOwner to;
  if (uid.value != -1 && uid != object.uid) {
    NUBO_TRY(to.user, state.get<User>(uid));
    requests.push_back({Right::manage, guard_of(*to.user)});
  }
  if (gid.value != -1 && gid != object.gid) {
    NUBO_TRY(to.group, state.get<Group>(gid));
    requests.push_back({Right::use, guard_of(*to.group)});
  }
  NUBO_CHECK(nubo::authorize(state, call.caller, std::span<const AuthRequest>(requests)));
  return to;
}

Result<Lock> new_lock(const Draft& draft, const Context& call, const std::optional<Lock>& current) {
  constexpr int all = 4;  // stored as "use", which blocks everything
  const int level = call.args.integer(1);
  if (level < 1 || level > all) return fail(Code::action, "Wrong lock level specified");
  if (current && call.args.flag(2)) return fail(Code::action, "{}", current->time.count());
  if (current && current->owner != call.caller.uid && !call.caller.is_admin()) {
    return fail(Code::action, "Error trying to lock the resource.");
  }
  return Lock{.level = level == all ? 1 : level,
              .owner = call.caller.uid,
              .time = draft.now(),
              .request_id = call.request_id};
}

Status check_unlock(const Context& call, const std::optional<Lock>& current) {
  if (call.caller.is_admin() || (current && current->owner == call.caller.uid)) return ok();
  return fail(Code::action, "Cannot unlock: Lock is owned by another user");
}

void forget_rules_on(Draft& draft, ObjectType type, int id) {
  std::vector<AclId> rules;
  draft.view().pool<AclRule>().for_each([&](const Entry<AclRule>& entry) {
    if (rule_names(entry.object, type, id)) rules.push_back(entry.object.id);
  });
  for (const AclId rule : rules) draft.erase<AclRule>(rule);

  std::vector<VdcId> vdcs;
  draft.view().pool<Vdc>().for_each([&](const Entry<Vdc>& entry) {
    Vdc copy = entry.object;
    if (drop_from_vdc(copy, type, id)) vdcs.push_back(copy.id);
  });
  for (const VdcId vdc : vdcs) drop_from_vdc(**draft.edit<Vdc>(vdc), type, id);
}

std::string with_actions(const Snapshot& state, std::string document,
                         const IdSet<ScheduledActionTag>& ids) {
  std::string actions;
  for (const ScheduledActionId id : ids) {
    if (const auto action = state.pool<ScheduledAction>().entry(id)) actions += action->document;
  }
  return actions.empty() ? document : document.insert(document.rfind("</TEMPLATE>"), actions);
}

std::vector<Parameter> chown_parameters() {
  return {an_id, {"uid", Type::integer}, {"gid", Type::integer}};
}

std::vector<Parameter> chmod_parameters() {
  std::vector<Parameter> parameters{an_id};
  for (const char* name : permission_names) parameters.push_back({name, Type::integer});
  return parameters;
}

std::vector<Parameter> pool_parameters() {
  return {{"filter", Type::integer}, {"start", Type::integer}, {"end", Type::integer}};
}

std::vector<Parameter> lock_parameters() {
  return {an_id, {"level", Type::integer}, {"test", Type::flag, Value(false)}};
}

}  // namespace nubo::api
