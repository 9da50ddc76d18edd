// SPDX-License-Identifier: Apache-2.0
// one.cluster.*, one.clusterpool.* (sheets api.md §7, objects.md §7.1).
#include <algorithm>

#include "api/generic.h"
#include "flow/capacity.h"
#include "text/trim.h"

namespace nubo::api {
namespace {

constexpr int first_own_id = 100;
constexpr ClusterId default_cluster{0};

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::cluster)}}));
  Cluster cluster;
  cluster.name = call.args.text(0);
  if (const Status valid = check_name(cluster.name); !valid) {
    return allocate_failure(ObjectType::cluster, valid.error());
  }
  cluster.attributes.set("RESERVED_CPU", "");
  cluster.attributes.set("RESERVED_MEM", "");
  const auto id = draft.insert(std::move(cluster));
  if (!id) return allocate_failure(ObjectType::cluster, id.error());
  return Value(id->value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto cluster,
           permitted<Cluster>(draft.view(), call, call.args.integer(0), Right::admin));
  if (cluster->id.value < first_own_id) {
    return cannot_delete<Cluster>("System Clusters (ID < 100) cannot be deleted.");
  }
  for (const auto& [count, what] : {std::pair{cluster->hosts.size(), "hosts"},
                                    std::pair{cluster->datastores.size(), "datastores"},
                                    std::pair{cluster->networks.size(), "vnets"}}) {
    if (count == 0) continue;
    return cannot_delete<Cluster>(
        fmt::format("Cluster {} is not empty, it contains {} {}.", cluster->id, count, what));
  }
  erase_object<Cluster>(draft, cluster->id);
  return Value(cluster->id.value);
}

bool is_one_of(const std::string& value, std::initializer_list<const char*> words) {
  return value.empty() || std::ranges::find(words, value) != words.end();
}

/// What ONE_DRS asks of plans for the cluster (objects.md §7.1).
Status check_drs(const Template& attributes) {
  const Vector* drs = attributes.vector("ONE_DRS");
  if (!drs) return ok();
  if (!is_one_of(upper_case(drs->get("POLICY")), {"PACK", "BALANCE"})) {
    return fail(Code::internal, "Wrong POLICY in ONE_DRS: {}", drs->get("POLICY"));
  }
  if (!is_one_of(upper_case(drs->get("AUTOMATION")), {"MANUAL", "PARTIAL", "FULL"})) {
    return fail(Code::internal, "Wrong AUTOMATION in ONE_DRS: {}", drs->get("AUTOMATION"));
  }
  for (const char* key : {"MIGRATION_THRESHOLD", "HOST_MIGRATION_THRESHOLD",
                          "DS_MIGRATION_THRESHOLD", "CPU_USAGE_WEIGHT", "CPU_WEIGHT",
                          "MEMORY_WEIGHT", "NET_WEIGHT", "DISK_WEIGHT", "PREDICTIVE"}) {
    if (drs->get(key).empty() || drs->number<double>(key)) continue;
    return fail(Code::internal, "Wrong {} in ONE_DRS: {}", key, drs->get(key));
  }
  return ok();
}

Status after_update(Draft& draft, const Context&, Cluster& cluster, const Template&) {
  NUBO_CHECK(check_drs(cluster.attributes));
  for (const HostId host : cluster.hosts) {
    NUBO_TRY(Host * changed, draft.edit<Host>(host));
    set_limits(*changed, &cluster);
  }
  return ok();
}

void after_rename(Draft& draft, const Cluster& cluster) {
  for (const HostId host : cluster.hosts) {
    if (const auto changed = draft.edit<Host>(host)) (*changed)->cluster = cluster.name;
  }
}

Status move_host(Draft& draft, HostId id, ClusterId to) {
  NUBO_TRY(Host * host, draft.edit<Host>(id));
  if (host->cluster_id == to) return ok();
  if (const auto old = draft.edit<Cluster>(host->cluster_id)) (*old)->hosts.erase(id);
  NUBO_TRY(Cluster * cluster, draft.edit<Cluster>(to));
  cluster->hosts.insert(id);
  host->cluster_id = to;
  host->cluster = cluster->name;
  set_limits(*host, cluster);
  for (const VmId vm : host->vms) {
    if (!draft.find<Vm>(vm)) continue;
    if (History* record = (*draft.edit<Vm>(vm))->current()) record->cluster_id = to;
  }
  return draft.settle_quotas(QuotaTest::nothing);
}

/// Cluster and member of a call, with ADMIN on both.
template <class T>
Result<Ptr<T>> admin_on_both(const Draft& draft, const Context& call, ClusterId cluster_id) {
  NUBO_TRY(const auto cluster, draft.view().get<Cluster>(cluster_id));
  NUBO_TRY(Ptr<T> member, draft.view().get<T>(IdOf<T>{call.args.integer(1)}));
  NUBO_CHECK(authorize(draft.view(), call,
                       {{Right::admin, guard_of(*cluster)}, {Right::admin, guard_of(*member)}}));
  return member;
}

Result<Value> addhost(Draft& draft, const Context& call) {
  const ClusterId cluster{call.args.integer(0)};
  NUBO_TRY(const auto host, admin_on_both<Host>(draft, call, cluster));
  NUBO_CHECK(move_host(draft, host->id, cluster));
  return Value(cluster.value);
}

Result<Value> delhost(Draft& draft, const Context& call) {
  NUBO_TRY(const auto named, draft.view().get<Cluster>(ClusterId{call.args.integer(0)}));
  NUBO_TRY(const auto host, admin_on_both<Host>(draft, call, default_cluster));
  if (host->cluster_id == named->id) NUBO_CHECK(move_host(draft, host->id, default_cluster));
  return Value(named->id.value);
}

template <class T>
auto& members_of(Cluster& cluster) {
  if constexpr (std::is_same_v<T, Datastore>) {
    return cluster.datastores;
  } else {
    return cluster.networks;
  }
}

template <class T, bool add>
Result<Value> change_members(Draft& draft, const Context& call) {
  const ClusterId id{call.args.integer(0)};
  NUBO_TRY(const auto member, admin_on_both<T>(draft, call, id));
  NUBO_TRY(Cluster * cluster, draft.edit<Cluster>(id));
  NUBO_TRY(T * changed, draft.edit<T>(member->id));
  if constexpr (add) {
    members_of<T>(*cluster).insert(member->id);
    changed->clusters.insert(id);
  } else {
    members_of<T>(*cluster).erase(member->id);
    changed->clusters.erase(id);
  }
  return Value(id.value);
}

// --- plans --------------------------------------------------------------------------------------

constexpr const char* plans_later = "optimisation plans come later, so that there never is one";

// Placement is planned for VMs that wait; nothing plans for a whole cluster as yet.
Result<Value> optimize(const Context& call) {
  NUBO_CHECK(call.snapshot->get<Cluster>(ClusterId{call.args.integer(0)}));
  return fail(Code::action, "Plans for a whole cluster are not available");
}

Result<Value> planexecute(const Context& call) {
  NUBO_CHECK(call.snapshot->get<Cluster>(ClusterId{call.args.integer(0)}));
  return fail(Code::action, "Plan is not ready");
}

Result<Value> plandelete(const Context& call) {
  NUBO_TRY(const auto cluster, call.snapshot->get<Cluster>(ClusterId{call.args.integer(0)}));
  return fail(Code::action, "Plan for cluster {} does not exist", cluster->id);
}

}  // namespace

std::vector<Call> cluster_calls() {
  const Parameter a_cluster{"cluster", Type::integer};
  const Parameter a_host{"host", Type::integer};
  const Parameter a_datastore{"datastore", Type::integer};
  const Parameter a_network{"network", Type::integer};
  return {
      {"one.cluster.allocate", {a_name}, allocate},
      {"one.cluster.delete", {an_id}, remove},
      {"one.cluster.info", {an_id, a_decrypt_flag}, info<Cluster>},
      {"one.cluster.update", {an_id, a_template, an_update_type}, update<Cluster, after_update>},
      {"one.cluster.rename", {an_id, a_name}, rename<Cluster, after_rename>},
      {"one.cluster.addhost", {a_cluster, a_host}, addhost},
      {"one.cluster.delhost", {a_cluster, a_host}, delhost},
      {"one.cluster.adddatastore", {a_cluster, a_datastore}, change_members<Datastore, true>},
      {"one.cluster.deldatastore", {a_cluster, a_datastore}, change_members<Datastore, false>},
      {"one.cluster.addvnet", {a_cluster, a_network}, change_members<VirtualNetwork, true>},
      {"one.cluster.delvnet", {a_cluster, a_network}, change_members<VirtualNetwork, false>},
      {"one.cluster.optimize", {an_id}, optimize, plans_later},
      {"one.cluster.planexecute", {an_id}, planexecute, plans_later},
      {"one.cluster.plandelete", {an_id}, plandelete, plans_later},
      {"one.clusterpool.info", {}, whole_pool<Cluster>},
  };
}

}  // namespace nubo::api
