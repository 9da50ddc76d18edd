// SPDX-License-Identifier: Apache-2.0
// one.datastore.*, one.datastorepool.* (sheets api.md §7, objects.md §3).
#include "api/datastore_template.h"
#include "api/generic.h"

namespace nubo::api {
namespace {

constexpr ClusterId default_cluster{0};

Result<Value> allocate(Draft& draft, const Context& call) {
  const int asked = call.args.integer(1);
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_TRY(const auto cluster,
           draft.view().get<Cluster>(asked == -1 ? default_cluster : ClusterId{asked}));
  NUBO_CHECK(authorize(
      draft.view(), call,
      {{Right::create, new_object(ObjectType::datastore)}, {Right::admin, guard_of(*cluster)}}));
  NUBO_CHECK(check_name(given.get("NAME")));
  NUBO_TRY(Datastore datastore, datastore_from(std::move(given), call.settings()));
  static_cast<Owned&>(datastore) = owned_by_caller(call, datastore.name);
  datastore.permissions.group_u = true;
  datastore.clusters.insert(cluster->id);
  NUBO_TRY(const DatastoreId id, draft.insert(std::move(datastore)));
  (*draft.edit<Datastore>(id))->base_path = base_path(call.settings(), id);
  (*draft.edit<Cluster>(cluster->id))->datastores.insert(id);
  return Value(id.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto datastore,
           permitted<Datastore>(draft.view(), call, call.args.integer(0), Right::manage));
  if (!datastore->images.empty()) {
    return cannot_delete<Datastore>(fmt::format("Datastore {} is not empty.", datastore->id));
  }
  for (const ClusterId cluster : datastore->clusters) {
    if (const auto left = draft.edit<Cluster>(cluster)) (*left)->datastores.erase(datastore->id);
  }
  erase_object<Datastore>(draft, datastore->id);
  return Value(datastore->id.value);
}

Status after_update(Draft&, const Context& call, Datastore& datastore, const Template& before) {
  return settle_update(datastore, before, call.settings());
}

void after_rename(Draft& draft, const Datastore& datastore) {
  for (const ImageId image : datastore.images) {
    if (const auto changed = draft.edit<Image>(image)) (*changed)->datastore = datastore.name;
  }
}

Result<Value> enable(Draft& draft, const Context& call) {
  NUBO_TRY(const auto datastore,
           permitted<Datastore>(draft.view(), call, call.args.integer(0), Right::manage));
  if (datastore->kind != DatastoreType::system) {
    return fail(Code::internal, "Only SYSTEM_DS can be disabled or enabled");
  }
  (*draft.edit<Datastore>(datastore->id))->state =
      call.args.flag(1) ? DatastoreState::ready : DatastoreState::disabled;
  return Value(datastore->id.value);
}

}  // namespace

std::vector<Call> datastore_calls() {
  return {
      {"one.datastore.allocate", {a_template, {"cluster", Type::integer}}, allocate},
      {"one.datastore.delete", {an_id}, remove},
      {"one.datastore.info", {an_id, a_decrypt_flag}, info<Datastore>},
      {"one.datastore.update",
       {an_id, a_template, an_update_type},
       update<Datastore, after_update>},
      {"one.datastore.rename", {an_id, a_name}, rename<Datastore, after_rename>},
      {"one.datastore.chown",
       {an_id, {"uid", Type::integer}, {"gid", Type::integer}},
       chown<Datastore>},
      {"one.datastore.chmod", chmod_parameters(), chmod<Datastore>},
      {"one.datastore.enable", {an_id, {"enable", Type::flag}}, enable},
      {"one.datastorepool.info", {}, whole_pool<Datastore>},
  };
}

}  // namespace nubo::api
