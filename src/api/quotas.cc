// SPDX-License-Identifier: Apache-2.0
// one.user.quota, one.group.quota, one.userquota.*, one.groupquota.* (sheets api.md §7, objects.md
// §6.7).
#include "api/generic.h"
#include "api/quota_documents.h"

namespace nubo::api {
namespace {

Result<Template> limits_in(const std::string& text) {
  auto given = parse_template(text);
  if (!given) given.error().code = Code::action;
  return given;
}

Status check_clusters(const Draft& draft, const Quotas& quotas) {
  for (const QuotaEntry& entry : quotas.vm.entries) {
    for (const ClusterId id : entry.clusters) {
      if (!draft.find<Cluster>(id)) return fail(Code::action, "Cluster {} does not exist", id);
    }
  }
  return ok();
}

/// The owner's key stands in the VM vectors that a refusal shows.
void name_owner(Template& given, const char* key, int id) {
  for (Vector* each : given.vectors("VM")) each->set(key, std::to_string(id));
}

template <class T>
Result<Value> set_quotas(Draft& draft, const Context& call, int id) {
  NUBO_TRY(const auto account, permitted<T>(draft.view(), call, id, Right::admin));
  if (id == 0) {
    return fail(Code::action, "Cannot set quotas for oneadmin {}", names_of(T::type).message);
  }
  NUBO_TRY(Template given, limits_in(call.args.text(1)));
  name_owner(given, T::type == ObjectType::user ? "UID" : "GID", id);
  NUBO_TRY(T * changed, draft.edit<T>(account->id));
  NUBO_CHECK(set_limits(changed->quotas, given, LimitsOf::one_account, draft.quota_metrics()));
  NUBO_CHECK(check_clusters(draft, changed->quotas));
  draft.recount_quotas(QuotaAccount{T::type, id});  // a new cluster entry counts what is there
  return Value(id);
}

Result<Value> set_user_quotas(Draft& draft, const Context& call) {
  return set_quotas<User>(draft, call, call.args.integer(0));
}

Result<Value> set_group_quotas(Draft& draft, const Context& call) {
  const int id = call.args.integer(0);
  if (!draft.find<Group>(GroupId{id})) {  // as a right that is missing (probed)
    return Failure(Error{Code::authorization,
                         fmt::format("User [{}] not authorized to perform action on {}.",
                                     call.caller.uid, names_of(Group::type).message),
                         id});
  }
  return set_quotas<Group>(draft, call, id);
}

template <ObjectType type>
Result<Value> show_defaults(const Context& call) {
  return Value(default_quotas(*call.snapshot, type));
}

/// Both rows exist from the first update on.
Result<DefaultQuotas*> edit_defaults(Draft& draft, DefaultQuotasId id) {
  while (!draft.find<DefaultQuotas>(id)) NUBO_CHECK(draft.insert(DefaultQuotas{}));
  return draft.edit<DefaultQuotas>(id);
}

template <ObjectType type>
Result<Value> set_defaults(Draft& draft, const Context& call) {
  if (call.caller.gid != oneadmin_group) {
    return fail(Code::authorization,
                "User [{}] : The default quotas can only be updated by users in the oneadmin "
                "group.",
                call.caller.uid);
  }
  NUBO_TRY(const Template given, limits_in(call.args.text(0)));
  const bool is_user = type == ObjectType::user;
  NUBO_TRY(DefaultQuotas* const defaults,
           edit_defaults(draft, is_user ? DefaultQuotas::of_users : DefaultQuotas::of_groups));
  NUBO_CHECK(set_limits(defaults->quotas, given, LimitsOf::everybody, draft.quota_metrics()));
  return Value(default_quotas(draft.view(), type));
}

}  // namespace

std::vector<Call> quota_calls() {
  return {
      {"one.user.quota", {an_id, a_template}, set_user_quotas},
      {"one.group.quota", {an_id, a_template}, set_group_quotas},
      {"one.userquota.info", {}, show_defaults<ObjectType::user>},
      {"one.userquota.update", {a_template}, set_defaults<ObjectType::user>},
      {"one.groupquota.info", {}, show_defaults<ObjectType::group>},
      {"one.groupquota.update", {a_template}, set_defaults<ObjectType::group>},
  };
}

}  // namespace nubo::api
