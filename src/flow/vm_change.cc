// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_change.h"

#include <algorithm>
#include <array>

#include "flow/capacity_changes.h"
#include "flow/disk_changes.h"
#include "flow/disk_saving.h"
#include "flow/disk_snapshots.h"
#include "flow/guest_commands.h"
#include "flow/nic_changes.h"
#include "flow/system_snapshots.h"

namespace nubo {
namespace {

using End = void (*)(Draft&, Vm&, const Effect&);

void nothing_more(Draft&, Vm&, const Effect&) {}

struct Row {
  VmOperation operation;
  End settle;
  End take_back;
};

constexpr std::array rows{
    Row{VmOperation::vmm_attachdisk, keep_disk, drop_new_disk},
    Row{VmOperation::tm_prolog_attach, keep_disk, drop_new_disk},
    Row{VmOperation::vmm_detachdisk, drop_disk, keep_disk},
    Row{VmOperation::tm_epilog_detach, drop_disk, keep_disk},
    Row{VmOperation::vmm_resizedisk, keep_disk_size, restore_disk_size},
    Row{VmOperation::tm_resize, keep_disk_size, restore_disk_size},
    Row{VmOperation::tm_saveas, keep_saved_disk, drop_saved_disk},
    Row{VmOperation::vmm_attachnic, keep_nic, drop_nic},
    Row{VmOperation::vmm_detachnic, drop_nic, keep_nic},
    Row{VmOperation::vmm_updatenic, keep_bandwidth, fail_bandwidth},
    Row{VmOperation::vmm_snapshotcreate, keep_snapshot, drop_snapshot},
    Row{VmOperation::vmm_snapshotrevert, keep_snapshot, keep_snapshot},
    Row{VmOperation::vmm_snapshotdelete, drop_snapshot, keep_snapshot},
    Row{VmOperation::vmm_disksnapshotcreate, keep_disk_snapshot, drop_new_disk_snapshot},
    Row{VmOperation::tm_snapshot_create, keep_disk_snapshot, drop_new_disk_snapshot},
    Row{VmOperation::tm_snapshot_revert, make_disk_snapshot_active, leave_disk_snapshots},
    Row{VmOperation::tm_snapshot_delete, drop_disk_snapshot, leave_disk_snapshots},
    Row{VmOperation::vmm_resize, keep_capacity, restore_capacity},
    Row{VmOperation::vmm_updateconf, nothing_more, nothing_more},
    Row{VmOperation::vmm_exec, note_command_runs, note_command_failed},
    Row{VmOperation::vmm_exec_cancel, note_command_cancelled, note_command_failed},
};

const Row* row_of(const Effect& effect) {
  const auto row = std::ranges::find(rows, operation_named(effect.operation), &Row::operation);
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace

const Effect* operation_under_way(const Draft& draft, VmId id) {
  const auto open = draft.view().effects().of("vm", id.value);
  return open.empty() ? nullptr : draft.find<Effect>(*open.rbegin());
}

void settle(Draft& draft, Vm& vm, const Effect& effect) {
  if (const Row* row = row_of(effect)) row->settle(draft, vm, effect);
}

void take_back(Draft& draft, Vm& vm, const Effect& effect) {
  if (const Row* row = row_of(effect)) row->take_back(draft, vm, effect);
}

Status check_state(const Vm& vm, VmEvent event, std::string_view what) {
  if (find_row(vm.states(), event)) return ok();
  return fail(Code::action, "Could not {}, wrong state {}.", what, names_of(vm.states()).name);
}

Status check_changeable(const Vm& vm) {
  if (!vm.current()) return fail(Code::action, "VM is not running in any host");
  if (!vm.system.get("VROUTER_ID").empty()) {
    return fail(Code::action, "Action is not supported for virtual router VMs");
  }
  return ok();
}

const Vector* device(const Vm& vm, std::string_view name, std::string_view key, int id) {
  for (const Vector* vector : vm.system.vectors(name)) {
    if (vector->number<int>(key) == id) return vector;
  }
  return nullptr;
}

Vector* device(Vm& vm, std::string_view name, std::string_view key, int id) {
  return const_cast<Vector*>(device(std::as_const(vm), name, key, id));
}

const Vector* marked(const Vm& vm, std::string_view name, std::string_view mark) {
  for (const Vector* vector : vm.system.vectors(name)) {
    if (vector->yes(mark)) return vector;
  }
  return nullptr;
}

Vector* marked(Vm& vm, std::string_view name, std::string_view mark) {
  return const_cast<Vector*>(marked(std::as_const(vm), name, mark));
}

}  // namespace nubo
