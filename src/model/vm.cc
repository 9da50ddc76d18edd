// SPDX-License-Identifier: Apache-2.0
#include "model/vm.h"

#include <array>

namespace nubo {
namespace {

// Keys of the short form (xml.md §3.1), in its order.
constexpr std::array disk_keys{"DISK_ID", "DATASTORE", "DATASTORE_ID", "IMAGE", "IMAGE_ID",
                               "SIZE",    "TYPE",      "CLONE",        "CLONE_TARGET",
                               "LN_TARGET", "DISK_SNAPSHOT_TOTAL_SIZE"};
constexpr std::array optional_nic_keys{"IP",         "EXTERNAL_IP",  "IP6",
                                       "IP6_ULA",    "IP6_LINK",     "IP6_GLOBAL",
                                       "NETWORK_MODE", "SCHED_REQUIREMENTS", "SCHED_RANK"};
constexpr std::array nic_keys{"MAC", "NETWORK", "NETWORK_ID", "NIC_ID", "SECURITY_GROUPS"};
constexpr std::array user_keys{"LABELS",        "ERROR",
                               "SCHED_MESSAGE", "SCHED_RANK",
                               "SCHED_DS_RANK", "SCHED_REQUIREMENTS",
                               "SCHED_DS_REQUIREMENTS", "USER_PRIORITY"};

void write_short_template(XmlWriter& out, const Vm& vm) {
  out.open("TEMPLATE");
  for (const char* name : {"CPU", "MEMORY", "VCPU"}) out.text(name, vm.system.get(name));
  for (const Vector* disk : vm.system.vectors("DISK")) {
    out.open("DISK");
    for (const char* key : disk_keys) out.cdata(key, disk->get(key));
    out.close("DISK");
  }
  for (const Vector* nic : vm.system.vectors("NIC")) {
    out.open("NIC");
    for (const char* key : optional_nic_keys) {
      if (nic->contains(key)) out.cdata(key, nic->get(key));
    }
    for (const char* key : nic_keys) out.cdata(key, nic->get(key));
    out.close("NIC");
  }
  if (const Vector* graphics = vm.system.vector("GRAPHICS")) {
    out.open("GRAPHICS");
    for (const auto& [key, value] : *graphics) out.cdata(key, value);
    out.close("GRAPHICS");
  }
  out.close("TEMPLATE");
}

void write_short_user_template(XmlWriter& out, const Vm& vm) {
  if (vm.user.empty()) return out.empty("USER_TEMPLATE");
  out.open("USER_TEMPLATE");
  for (const char* name : user_keys) {
    if (const std::string value = vm.user.get(name); !value.empty()) out.cdata(name, value);
  }
  out.close("USER_TEMPLATE");
}

void write_short_history(XmlWriter& out, const Vm& vm) {
  const History* record = vm.current();
  if (!record) return out.empty("HISTORY_RECORDS");
  out.open("HISTORY_RECORDS");
  out.open("HISTORY");
  out.number("OID", record->vm.value);
  out.number("SEQ", record->sequence);
  out.cdata("HOSTNAME", record->hostname);
  out.number("HID", record->host_id.value);
  out.number("CID", record->cluster_id.value);
  out.number("DS_ID", record->datastore_id.value);
  out.cdata("VM_MAD", record->vm_mad);
  out.cdata("TM_MAD", record->tm_mad);
  out.cdata("ACTION", std::to_string(static_cast<int>(record->action)));
  out.close("HISTORY");
  out.close("HISTORY_RECORDS");
}

}  // namespace

Capacity capacity_of(const Vm& vm) {
  return {.cpu = static_cast<long long>(vm.system.number<double>("CPU").value_or(0) * 100.0 + 1e-6),
          .memory = vm.system.number<long long>("MEMORY").value_or(0) * 1024};
}

std::string short_document(const Vm& vm) {
  std::string document;
  XmlWriter out(document);
  out.open("VM");
  out.number("ID", vm.id.value);
  out.number("UID", vm.uid.value);
  out.number("GID", vm.gid.value);
  out.text("UNAME", vm.uname);
  out.text("GNAME", vm.gname);
  out.text("NAME", vm.name);
  out.number("LAST_POLL", vm.last_poll.count());
  out.number("STATE", static_cast<int>(vm.state));
  out.number("LCM_STATE", static_cast<int>(vm.lcm_state));
  out.number("RESCHED", vm.resched);
  out.number("STIME", vm.start_time.count());
  out.number("ETIME", vm.end_time.count());
  out.text("DEPLOY_ID", vm.deploy_id);
  if (vm.lock) {
    out.open("LOCK");
    out.number("LOCKED", vm.lock->level);
    out.close("LOCK");
  }
  write_short_template(out, vm);
  out.empty("MONITORING");
  write_short_user_template(out, vm);
  write_short_history(out, vm);
  out.close("VM");
  return document;
}

std::string pool_document(const Vm& vm) {
  if (vm.history.list.size() < 2) return to_xml("VM", vm, Form::shown);
  Vm last = vm;
  last.history.list = {vm.history.list.back()};
  return to_xml("VM", last, Form::shown);
}

}  // namespace nubo
