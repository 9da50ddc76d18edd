// SPDX-License-Identifier: Apache-2.0
#include "flow/system_snapshots.h"

#include <fmt/core.h>

#include <algorithm>

#include "flow/vm_step.h"
#include "text/trim.h"

namespace nubo {
namespace {

/// MB that the disks occupy in the system datastore.
long long disk_size(const Vm& vm) {
  long long total = 0;
  for (const Vector* disk : vm.system.vectors("DISK")) {
    const bool there = !disk->contains("IMAGE_ID") ||
                       disk->get(disk->yes("CLONE") ? "CLONE_TARGET" : "LN_TARGET") == "SYSTEM";
    if (there) total += disk->number<long long>("SIZE").value_or(0);
  }
  return total;
}

std::string size_of_snapshot(const Vm& vm, double factor) {
  const auto memory = vm.system.number<long long>("MEMORY").value_or(0);
  const double disks = static_cast<double>(disk_size(vm)) * factor;
  return std::to_string(memory + static_cast<long long>(disks));
}

Status check_creatable(const Vm& vm) {
  if (upper_case(vm.backups.config.get("MODE")) == "INCREMENT") {
    return fail(Code::action, "Cannot make snapshots on VMs with incremental backups");
  }
  for (const Vector* disk : vm.system.vectors("DISK")) {
    if (upper_case(disk->get("TYPE")) != "FILESYSTEM") continue;
    return fail(Code::action, "Cannot make snapshots on VMs with disks of type FILESYSTEM");
  }
  return ok();
}

struct Wanted {
  VmEvent event;
  const char* action;  // ACTION of the vector
  std::string what;    // "delete snapshot 3 for VM 7"
};

Status begin(Draft& draft, const ChangeOrder& order, int id, const Wanted& wanted) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  NUBO_CHECK(check_state(*vm, wanted.event, wanted.what));
  Vector* snapshot = device(*vm, "SNAPSHOT", "SNAPSHOT_ID", id);
  if (!snapshot) {
    return fail(Code::action, "Could not {}, it does not exist.", wanted.what);
  }
  snapshot->set("ACTIVE", "YES");
  snapshot->set("ACTION", wanted.action);
  return step(draft, order.vm, wanted.event, order.caller);
}

}  // namespace

Result<int> create_snapshot(Draft& draft, const ChangeOrder& order, const std::string& name,
                            const VmSettings& settings) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  NUBO_CHECK(check_creatable(*vm));
  NUBO_CHECK(check_state(*vm, VmEvent::snapshot_create,
                         fmt::format("create a new snapshot for VM {}", vm->id)));
  int id = -1;
  for (const Vector* each : vm->system.vectors("SNAPSHOT")) {
    id = std::max(id, each->number<int>("SNAPSHOT_ID").value_or(-1));
  }
  ++id;
  vm->system.add("SNAPSHOT",
                 Vector{{"SNAPSHOT_ID", std::to_string(id)},
                        {"NAME", name.empty() ? fmt::format("snapshot-{}", id) : name},
                        {"TIME", std::to_string(draft.now().count())},
                        {"SYSTEM_DISK_SIZE", size_of_snapshot(*vm, settings.snapshot_factor)},
                        {"ACTIVE", "YES"},
                        {"ACTION", "CREATE"}});
  NUBO_CHECK(step(draft, order.vm, VmEvent::snapshot_create, order.caller));
  return id;
}

Status revert_snapshot(Draft& draft, const ChangeOrder& order, int id) {
  return begin(draft, order, id,
               {VmEvent::snapshot_revert, "REVERT",
                fmt::format("revert VM {} to snapshot {}", order.vm, id)});
}

Status delete_snapshot(Draft& draft, const ChangeOrder& order, int id) {
  return begin(draft, order, id,
               {VmEvent::snapshot_delete, "DELETE",
                fmt::format("delete snapshot {} for VM {}", id, order.vm)});
}

void keep_snapshot(Draft&, Vm& vm, const Effect& effect) {
  Vector* snapshot = marked(vm, "SNAPSHOT", "ACTIVE");
  if (!snapshot) return;
  snapshot->erase("ACTIVE");
  snapshot->erase("ACTION");
  if (const std::string& id = effect.arguments.get("hypervisor_id"); !id.empty()) {
    snapshot->set("HYPERVISOR_ID", id);
  }
  // An operator said that it was made.
  snapshot->set_default("HYPERVISOR_ID", snapshot->get("SNAPSHOT_ID"));
}

void drop_snapshot(Draft&, Vm& vm, const Effect&) {
  const Vector* snapshot = marked(vm, "SNAPSHOT", "ACTIVE");
  if (!snapshot) return;
  vm.system.erase_if([snapshot](const Attribute& each) { return each.vector() == snapshot; });
}

}  // namespace nubo
