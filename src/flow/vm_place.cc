// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_place.h"

#include <algorithm>
#include <array>
#include <set>

#include "flow/boot_files.h"
#include "flow/capacity.h"
#include "flow/requirements.h"
#include "flow/transfer_lines.h"
#include "flow/vm_disks.h"
#include "flow/vm_groups.h"
#include "flow/vm_nics.h"
#include "flow/vm_step.h"
#include "text/trim.h"

namespace nubo {
namespace {

Status check_host(const Draft& draft, HostId id) {
  NUBO_TRY(const Host* const host, draft.get<Host>(id));
  if (host->state == HostState::offline) {
    return fail(Code::action, "Host is offline, cannot use it to deploy VM");
  }
  return ok();
}

Status check_hypervisor(const Host& host, const VmSettings& settings) {
  if (settings.hypervisors.contains(host.vm_mad)) return ok();
  return fail(Code::action, "Cannot find vmm driver: {}", host.vm_mad);
}

Status check_capacity(const Host& host, const Vm& vm) {
  const Status fit = fits(host, vm);
  if (fit) return fit;
  return fail(Code::action, "virtual machine [{}] does not fit in host [{}]. {}", vm.id, host.id,
              fit.error().message);
}

/// The system datastore of the cluster with the smallest id.
Result<DatastoreId> default_datastore(const Draft& draft, ClusterId cluster_id) {
  if (const Cluster* cluster = draft.find<Cluster>(cluster_id)) {
    for (const DatastoreId id : cluster->datastores) {
      const Datastore* datastore = draft.find<Datastore>(id);
      const bool usable = datastore && datastore->kind == DatastoreType::system &&
                          datastore->state == DatastoreState::ready;
      if (usable) return id;
    }
  }
  return fail(Code::action, "Cluster [{}] has no system datastore", cluster_id);
}

Result<DatastoreId> choose_datastore(const Draft& draft, const DeployOrder& order, const Vm& vm,
                                     const Host& host) {
  if (!order.datastore.is_set()) {
    if (deploy_event(vm) != VmEvent::deploy) return vm.current()->datastore_id;
    return default_datastore(draft, host.cluster_id);
  }
  NUBO_TRY(const Datastore* const datastore, draft.get<Datastore>(order.datastore));
  if (datastore->kind != DatastoreType::system) {
    return fail(Code::internal,
                "Trying to use datastore [{}] to deploy the VM, but it is not of type system "
                "datastore.",
                order.datastore);
  }
  if (!datastore->clusters.contains(host.cluster_id)) {
    return fail(Code::action, "datastore [{}] and host [{}] are not in the same cluster [{}].",
                order.datastore, host.id, host.cluster_id);
  }
  return order.datastore;
}

Status adapt_disks(const Draft& draft, Vm& vm, const Datastore& system,
                   const VmSettings& settings) {
  for (Vector* disk : vm.system.vectors("DISK")) {
    NUBO_CHECK(adapt_disk(draft, *disk, system, settings));
  }
  if (vm.system.get("TM_MAD_SYSTEM").empty()) vm.system.set("TM_MAD_SYSTEM", system.tm_mad);
  return ok();
}

/// Appends the record of the stay that begins.
void open_record(Draft& draft, Vm& vm, const Host& host, const Datastore& datastore) {
  const int sequence = vm.current() ? vm.current()->sequence + 1 : 0;
  vm.history.list.push_back(History{.vm = vm.id,
                                    .sequence = sequence,
                                    .hostname = host.name,
                                    .host_id = host.id,
                                    .cluster_id = host.cluster_id,
                                    .start_time = draft.now(),
                                    .vm_mad = host.vm_mad,
                                    .tm_mad = datastore.tm_mad,
                                    .datastore_id = datastore.id});
}

void follow_settings(Vm& vm, const VmSettings& settings) {
  History& record = *vm.current();
  record.keeps_snapshots = settings.hypervisor(record.vm_mad).keeps_snapshots;
  const TransferSites sites{settings.front_end, settings.datastore_location, settings.vm_location};
  place_boot_files(vm, system_directory(record, sites));
}

Status check_clusters(const Vm& vm, const Host& host) {
  NUBO_TRY(const std::optional<std::set<int>> clusters, allowed_clusters(vm));
  if (!clusters || clusters->contains(host.cluster_id.value)) return ok();
  return fail(Code::action, "virtual machine [{}] cannot run in cluster [{}] of host [{}]", vm.id,
              host.cluster_id, host.id);
}

struct Target {
  HostId host;
  DatastoreId datastore;
};

Result<Target> migration_target(const Draft& draft, const MigrateOrder& order, const Vm& vm) {
  const History& now = *vm.current();
  const Target target{order.host, order.datastore.is_set() ? order.datastore : now.datastore_id};
  const bool same_host = target.host == now.host_id;
  const bool same_datastore = target.datastore == now.datastore_id;
  if (same_host && same_datastore) {
    return fail(Code::action, "VM is already running on host [{}] and datastore [{}]", now.host_id,
                now.datastore_id);
  }
  if (order.live && !same_host && !same_datastore) {
    return fail(Code::action, "A VM cannot be migrated live to another host and datastore at once");
  }
  if (same_datastore) return target;
  NUBO_TRY(const Datastore* const datastore, draft.get<Datastore>(target.datastore));
  const char* key = order.live ? "DS_LIVE_MIGRATE" : "DS_MIGRATE";
  if (datastore->tm_mad != now.tm_mad || !datastore->attributes.yes(key)) {
    return fail(Code::action, "Migration to datastore [{}] is not supported by its driver {}",
                target.datastore, datastore->tm_mad);
  }
  return target;
}

VmEvent migrate_event(const Vm& vm, const MigrateOrder& order) {
  constexpr std::array cold{VmEvent::migrate_save, VmEvent::migrate_poweroff,
                            VmEvent::migrate_poweroff_hard};
  const bool running = vm.states() == StatePair{VmState::active, LcmState::running};
  if (!running) return VmEvent::migrate_save;
  if (order.live) return VmEvent::migrate_live;
  return cold[static_cast<std::size_t>(order.cold)];
}

Failure not_now(const char* what, const Vm& vm) {
  return fail(Code::action, "{} action is not available for state {}", what,
              names_of(vm.states()).name);
}

Status adapt_image_disk(const Draft& draft, Vector& disk, const std::string& system_tm) {
  const std::string& image_tm = disk.get("TM_MAD");
  const DatastoreId id{disk.number<int>("DATASTORE_ID").value_or(-1)};
  const Datastore* datastore = draft.find<Datastore>(id);
  if (!datastore || image_tm == system_tm) return ok();
  const std::string suffix = "_" + upper_case(system_tm);
  for (const char* key : {"CLONE_TARGET", "LN_TARGET", "DISK_TYPE"}) {
    const std::string& value = datastore->attributes.get(key + suffix);
    if (value.empty()) {
      return fail(Code::action, "Image datastore [{}] does not support transfer mode {}", id,
                  system_tm);
    }
    disk.set(key, value);
  }
  return ok();
}

}  // namespace

Status adapt_disk(const Draft& draft, Vector& disk, const Datastore& system,
                  const VmSettings& settings) {
  if (disk.contains("IMAGE_ID")) return adapt_image_disk(draft, disk, system.tm_mad);
  place_volatile_disk(disk, system, settings);
  return ok();
}

Status deploy(Draft& draft, const DeployOrder& order, const VmSettings& settings) {
  NUBO_CHECK(check_host(draft, order.host));
  NUBO_CHECK(draft.get<Vm>(order.vm));
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  const Host& host = *draft.find<Host>(order.host);
  NUBO_TRY(const DatastoreId datastore_id, choose_datastore(draft, order, *vm, host));
  NUBO_TRY(const Datastore* const datastore, draft.get<Datastore>(datastore_id));
  const VmEvent event = deploy_event(*vm);
  if (!find_row(vm->states(), event)) return not_now("Deploy", *vm);
  if (order.enforce) {
    NUBO_CHECK(check_capacity(host, *vm));
    NUBO_CHECK(check_affinity(draft.view(), *vm, host));
  }
  NUBO_CHECK(check_hypervisor(host, settings));
  if (event == VmEvent::deploy) {
    NUBO_CHECK(connect_automatic_nics(draft, *vm, order.networks, settings));
  }
  NUBO_CHECK(adapt_disks(draft, *vm, *datastore, settings));
  NUBO_CHECK(take_graphics_port(draft, *vm, host.cluster_id, settings.graphics_ports));
  open_record(draft, *vm, host, *datastore);
  follow_settings(*vm, settings);
  vm->current()->prolog_start = draft.now();
  vm->current()->plan_id = order.plan_id;
  vm->current()->plan_action_id = order.plan_action_id;
  vm->user.erase("SCHED_MESSAGE");
  charge(draft, order.host, *vm);
  return step(draft, order.vm, event, order.caller);
}

Status migrate(Draft& draft, const MigrateOrder& order, const VmSettings& settings) {
  NUBO_CHECK(check_host(draft, order.host));
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  const VmEvent event = migrate_event(*vm, order);
  const bool movable = vm->current() && find_row(vm->states(), event);
  if (!movable) return not_now("Migrate", *vm);
  NUBO_TRY(const Target target, migration_target(draft, order, *vm));
  NUBO_TRY(const Datastore* const datastore, draft.get<Datastore>(target.datastore));
  const Host& host = *draft.find<Host>(target.host);
  const bool moves = target.host != vm->current()->host_id;
  if (moves && order.enforce) {
    NUBO_CHECK(check_capacity(host, *vm));
    NUBO_CHECK(check_affinity(draft.view(), *vm, host));
  }
  if (auto clusters = set_automatic_requirements(draft, *vm); !clusters) {
    clusters.error().code = Code::action;
    return clusters;
  }
  NUBO_CHECK(check_clusters(*vm, host));
  open_record(draft, *vm, host, *datastore);
  follow_settings(*vm, settings);
  if (!order.live && moves) {
    NUBO_CHECK(take_graphics_port(draft, *vm, host.cluster_id, settings.graphics_ports));
  }
  if (moves) charge(draft, target.host, *vm);
  return step(draft, order.vm, event, order.caller);
}

}  // namespace nubo
