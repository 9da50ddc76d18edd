// SPDX-License-Identifier: Apache-2.0
// one.host.*, one.hostpool.* (sheets api.md §7, vm-lifecycle.md §3.4).
#include "api/generic.h"
#include "api/monitoring_documents.h"
#include "flow/capacity.h"

namespace nubo::api {
namespace {

constexpr ClusterId default_cluster{0};

Result<Value> allocate(Draft& draft, const Context& call) {
  const int asked = call.args.integer(3);
  NUBO_TRY(const auto cluster,
           draft.view().get<Cluster>(asked == -1 ? default_cluster : ClusterId{asked}));
  NUBO_CHECK(authorize(
      draft.view(), call,
      {{Right::create, new_object(ObjectType::host)}, {Right::admin, guard_of(*cluster)}}));
  const auto refuse = [](const Error& cause) { return allocate_failure(ObjectType::host, cause); };
  Host host;
  host.name = call.args.text(0);
  host.im_mad = call.args.text(1);
  host.vm_mad = call.args.text(2);
  if (const Status valid = check_host_name(host.name); !valid) return refuse(valid.error());
  if (host.im_mad.empty()) return refuse({Code::allocate, "IM_MAD_NAME cannot be empty."});
  if (host.vm_mad.empty()) return refuse({Code::allocate, "VMM_MAD_NAME cannot be empty."});
  host.cluster_id = cluster->id;
  host.cluster = cluster->name;
  host.attributes.set("IM_MAD", host.im_mad);
  host.attributes.set("RESERVED_CPU", "");
  host.attributes.set("RESERVED_MEM", "");
  host.attributes.set("VM_MAD", host.vm_mad);
  for (const char* name : {"DISK_USAGE", "FREE_DISK", "MAX_DISK", "USED_DISK"}) {
    host.share.datastores.set(name, "0");
  }
  const auto id = draft.insert(std::move(host));
  if (!id) return refuse(id.error());
  (*draft.edit<Cluster>(cluster->id))->hosts.insert(*id);
  return Value(id->value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto host,
           permitted<Host>(draft.view(), call, call.args.integer(0), Right::admin));
  if (host->share.running_vms > 0) {
    return cannot_delete<Host>("Can not remove a host with running VMs");
  }
  if (const auto cluster = draft.edit<Cluster>(host->cluster_id)) (*cluster)->hosts.erase(host->id);
  erase_object<Host>(draft, host->id);
  return Value(host->id.value);
}

// The drivers' names are elements too: given ones change them, missing ones are put back.
Status after_update(Draft& draft, const Context&, Host& host, const Template&) {
  for (const auto& [name, element] :
       {std::pair{"IM_MAD", &host.im_mad}, std::pair{"VM_MAD", &host.vm_mad}}) {
    const std::string& given = host.attributes.get(name);
    if (given.empty()) {
      host.attributes.set(name, *element);
    } else {
      *element = given;
    }
  }
  set_limits(host, draft.find<Cluster>(host.cluster_id));
  return ok();
}

void after_rename(Draft& draft, const Host& host) {
  for (const VmId vm : host.vms) {
    if (!draft.find<Vm>(vm)) continue;
    for (History& record : (*draft.edit<Vm>(vm))->history.list) {
      if (record.host_id == host.id) record.hostname = host.name;
    }
  }
}

Result<Value> status(Draft& draft, const Context& call) {
  constexpr std::array states{HostState::init, HostState::disabled, HostState::offline};
  NUBO_TRY(const auto host,
           permitted<Host>(draft.view(), call, call.args.integer(0), Right::admin));
  const auto wanted = static_cast<std::size_t>(call.args.integer(1));
  if (wanted >= states.size()) return fail(Code::internal, "Wrong status code");
  const bool is_on = host->state == HostState::monitored || host->state == HostState::init;
  NUBO_TRY(Host * changed, draft.edit<Host>(host->id));
  if (states[wanted] != HostState::init || !is_on) changed->state = states[wanted];
  return Value(host->id.value);
}

Result<Value> monitoring(const Context& call) {
  NUBO_TRY(const auto host,
           permitted<Host>(*call.snapshot, call, call.args.integer(0), Right::use));
  NUBO_TRY(const auto records,
           call.env.monitoring.read(Monitored::host, {.object = host->id.value}));
  return Value(monitoring_document(records));
}

Result<Value> pool_monitoring(const Context& call) {
  NUBO_TRY(const Visibility visibility,
           Visibility::make(*call.snapshot, call.caller, ObjectType::host));
  const auto wanted = [&](int id) {
    const Ptr<Host> host = call.snapshot->find<Host>(HostId{id});
    return host && visibility.shows(guard_of(*host));
  };
  return monitoring_of(call, Monitored::host, wanted, call.args.integer(0));
}

}  // namespace

std::vector<Call> host_calls() {
  return {
      {"one.host.allocate",
       {a_name, {"im_mad", Type::text}, {"vm_mad", Type::text}, {"cluster", Type::integer}},
       allocate},
      {"one.host.delete", {an_id}, remove},
      {"one.host.info", {an_id, a_decrypt_flag}, info<Host>},
      {"one.host.update", {an_id, a_template, an_update_type}, update<Host, after_update>},
      {"one.host.rename", {an_id, a_name}, rename<Host, after_rename>},
      {"one.host.status", {an_id, {"status", Type::integer}}, status},
      {"one.host.monitoring", {an_id}, monitoring},
      {"one.hostpool.info", {}, whole_pool<Host>},
      {"one.hostpool.monitoring", {{"seconds", Type::integer, Value(-1)}}, pool_monitoring},
  };
}

}  // namespace nubo::api
