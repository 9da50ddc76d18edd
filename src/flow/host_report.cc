// SPDX-License-Identifier: Apache-2.0
#include "flow/host_report.h"

#include <fmt/core.h>

#include <array>
#include <vector>

#include "base/dates.h"
#include "flow/capacity.h"
#include "flow/numa_report.h"
#include "flow/vm_step.h"

namespace nubo {
namespace {

/// As the driver reports a value, and as documents show it.
struct Key {
  const char* reported;
  const char* shown;
};

constexpr std::array disk_keys{Key{"DS_LOCATION_TOTAL_MB", "MAX_DISK"},
                               Key{"DS_LOCATION_USED_MB", "USED_DISK"},
                               Key{"DS_LOCATION_FREE_MB", "FREE_DISK"}};
constexpr std::array capacity_keys{Key{"FREECPU", "FREE_CPU"}, Key{"FREEMEMORY", "FREE_MEMORY"},
                                   Key{"USEDCPU", "USED_CPU"}, Key{"USEDMEMORY", "USED_MEMORY"}};
constexpr std::array system_keys{Key{"NETRX", "NETRX"}, Key{"NETTX", "NETTX"}};

/// Room on the node counts for system datastores that live there; others are asked for theirs.
bool is_on_hosts(const Draft& draft, const Vector& reported) {
  const DatastoreId id{reported.number<int>("ID").value_or(-1)};
  const Datastore* store = draft.find<Datastore>(id);
  return store && store->kind == DatastoreType::system && !store->attributes.yes("SHARED", true);
}

void take_datastores(Host& host, Template& report) {
  Template& disks = host.share.datastores;
  for (const Key& key : disk_keys) {
    if (const std::string& value = report.get(key.reported); !value.empty()) {
      disks.set(key.shown, value);
    }
    report.erase(key.reported);
  }
  if (disks.get("DISK_USAGE").empty()) disks.set("DISK_USAGE", "0");
  disks.erase("DS");
  for (Attribute& attribute : report.take("DS")) disks.add(std::move(attribute));
}

/// PCI devices that are reported, with the VM that holds each as we know it.
void take_pci(Host& host, Template& report) {
  std::vector<Attribute> reported = report.take("PCI");
  Template devices;
  for (Attribute& attribute : reported) {
    Vector* device = attribute.vector();
    if (!device) continue;
    device->set("VMID", "-1");
    for (const Vector* known : host.share.pci_devices.vectors("PCI")) {
      if (known->get("ADDRESS") == device->get("ADDRESS")) device->set("VMID", known->get("VMID"));
    }
    devices.add(std::move(attribute));
  }
  host.share.pci_devices = std::move(devices);
}

void take_wild_vms(Host& host, Template& report) {
  std::vector<Attribute> wilds = report.take("VM");
  std::string names;
  for (const Attribute& wild : wilds) {
    if (!wild.vector()) continue;
    names += (names.empty() ? "" : ", ") + wild.vector()->get("VM_NAME");
  }
  for (const char* name : {"VM", "TOTAL_WILDS", "WILDS"}) host.attributes.erase(name);
  if (wilds.empty()) return;
  host.attributes.set("TOTAL_WILDS", std::to_string(wilds.size()));
  host.attributes.set("WILDS", names);
  for (Attribute& wild : wilds) host.attributes.add(std::move(wild));
}

Host with_report(const Host& before, Template report, const Cluster* cluster) {
  Host host = before;
  take_datastores(host, report);
  take_pci(host, report);
  take_wild_vms(host, report);
  host.share.numa_nodes = take_numa_nodes(report);
  host.share.total_cpu = report.number<long long>("TOTALCPU").value_or(host.share.total_cpu);
  host.share.total_mem = report.number<long long>("TOTALMEMORY").value_or(host.share.total_mem);
  for (const char* own : {"RESERVED_CPU", "RESERVED_MEM", "ERROR"}) report.erase(own);
  host.attributes.merge(report);
  host.attributes.erase("ERROR");
  set_limits(host, cluster);
  if (host.state != HostState::disabled) host.state = HostState::monitored;
  return host;
}

template <std::size_t n>
void write_keys(XmlWriter& out, const char* element, const std::array<Key, n>& keys,
                const Template& report) {
  out.open(element);
  for (const Key& key : keys) {
    if (report.contains(key.reported)) out.cdata(key.shown, report.get(key.reported));
  }
  out.close(element);
}

}  // namespace

Status apply_host_report(Draft& draft, HostId id, const Template& system) {
  const Host* known = draft.find<Host>(id);
  if (!known || known->state == HostState::offline) return ok();
  Template report = system;
  report.erase("DS");
  for (const Vector* room : system.vectors("DS")) {
    if (is_on_hosts(draft, *room)) report.add("DS", *room);
  }
  Host now = with_report(*known, std::move(report), draft.find<Cluster>(known->cluster_id));
  if (now == *known) return ok();
  NUBO_TRY(Host* const host, draft.edit<Host>(id));
  *host = std::move(now);
  return ok();
}

Status apply_host_failure(Draft& draft, HostId id, const std::string& error) {
  const Host* known = draft.find<Host>(id);
  if (!known || known->state == HostState::offline) return ok();
  const bool was_disabled = known->state == HostState::disabled;
  const bool is_told = was_disabled && known->attributes.contains("ERROR");
  if (known->state == HostState::error || is_told) return ok();
  NUBO_TRY(Host* const host, draft.edit<Host>(id));
  if (!was_disabled) host->state = HostState::error;
  host->attributes.set("ERROR", fmt::format("{} : {}", date_text(draft.now()), error));
  const IdSet<VmTag> vms = host->vms;
  for (const VmId vm_id : vms) {
    const Vm* vm = draft.find<Vm>(vm_id);
    if (vm && find_row(vm->states(), VmEvent::host_failed)) {
      NUBO_CHECK(step(draft, vm_id, VmEvent::host_failed));
    }
  }
  return ok();
}

std::string host_monitoring(HostId host, EpochSeconds time, const Template& monitor) {
  std::string body;
  XmlWriter out(body);
  out.open("MONITORING");
  out.number("TIMESTAMP", time.count());
  out.number("ID", host.value);
  write_keys(out, "CAPACITY", capacity_keys, monitor);
  write_keys(out, "SYSTEM", system_keys, monitor);
  write_numa_use(out, monitor);
  out.close("MONITORING");
  return body;
}

std::string vm_monitoring(EpochSeconds time, const Vector& report) {
  Template values;
  for (const auto& [key, value] : report) values.set(key, value);
  values.set("TIMESTAMP", std::to_string(time.count()));
  std::string body;
  XmlWriter out(body);
  write_field(out, "MONITORING", values, plain);
  return body;
}

}  // namespace nubo
