// SPDX-License-Identifier: Apache-2.0
#include "model/vm_machine.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "model/vm_table.h"

namespace nubo {
namespace {

constexpr std::array<std::pair<VmOperation, std::string_view>, 42> operation_names{{
    {VmOperation::none, ""},
    {VmOperation::tm_prolog, "tm.prolog"},
    {VmOperation::tm_prolog_resume, "tm.prolog_resume"},
    {VmOperation::tm_prolog_migrate, "tm.prolog_migr"},
    {VmOperation::tm_epilog, "tm.epilog"},
    {VmOperation::tm_epilog_front_end, "tm.epilog_front_end"},
    {VmOperation::tm_epilog_stop, "tm.epilog_stop"},
    {VmOperation::tm_epilog_delete, "tm.epilog_delete"},
    {VmOperation::tm_epilog_delete_both, "tm.epilog_delete_both"},
    {VmOperation::vmm_deploy, "vmm.deploy"},
    {VmOperation::vmm_restore, "vmm.restore"},
    {VmOperation::vmm_save, "vmm.save"},
    {VmOperation::vmm_shutdown, "vmm.shutdown"},
    {VmOperation::vmm_cancel, "vmm.cancel"},
    {VmOperation::vmm_migrate, "vmm.migrate"},
    {VmOperation::vmm_reboot, "vmm.reboot"},
    {VmOperation::vmm_reset, "vmm.reset"},
    {VmOperation::vmm_cleanup, "vmm.cleanup"},
    {VmOperation::vmm_cleanup_both, "vmm.cleanup_both"},
    {VmOperation::vmm_cleanup_previous, "vmm.cleanup_previous"},
    {VmOperation::tm_prolog_attach, "tm.prolog_attach"},
    {VmOperation::tm_epilog_detach, "tm.epilog_detach"},
    {VmOperation::tm_snapshot_create, "tm.snapshot_create"},
    {VmOperation::tm_snapshot_revert, "tm.snapshot_revert"},
    {VmOperation::tm_snapshot_delete, "tm.snapshot_delete"},
    {VmOperation::tm_resize, "tm.resize"},
    {VmOperation::tm_saveas, "tm.saveas"},
    {VmOperation::vmm_attachdisk, "vmm.attachdisk"},
    {VmOperation::vmm_detachdisk, "vmm.detachdisk"},
    {VmOperation::vmm_attachnic, "vmm.attachnic"},
    {VmOperation::vmm_detachnic, "vmm.detachnic"},
    {VmOperation::vmm_updatenic, "vmm.updatenic"},
    {VmOperation::vmm_updatesg, "vmm.updatesg"},
    {VmOperation::vmm_snapshotcreate, "vmm.snapshotcreate"},
    {VmOperation::vmm_snapshotrevert, "vmm.snapshotrevert"},
    {VmOperation::vmm_snapshotdelete, "vmm.snapshotdelete"},
    {VmOperation::vmm_disksnapshotcreate, "vmm.disksnapshotcreate"},
    {VmOperation::vmm_resizedisk, "vmm.resizedisk"},
    {VmOperation::vmm_resize, "vmm.resize"},
    {VmOperation::vmm_updateconf, "vmm.updateconf"},
    {VmOperation::vmm_exec, "vmm.exec"},
    {VmOperation::vmm_exec_cancel, "vmm.exec_cancel"},
}};

// Indexed by VmEvent.
constexpr std::array event_names{"hold",
                                 "release",
                                 "stop",
                                 "suspend",
                                 "resume",
                                 "reboot",
                                 "reboot-hard",
                                 "poweroff",
                                 "poweroff-hard",
                                 "undeploy",
                                 "undeploy-hard",
                                 "terminate",
                                 "terminate-hard",
                                 "resched",
                                 "unresched",
                                 "deploy",
                                 "deploy",
                                 "deploy",
                                 "live-migrate",
                                 "migrate",
                                 "poweroff-migrate",
                                 "poweroff-hard-migrate",
                                 "disk-attach",
                                 "disk-detach",
                                 "nic-attach",
                                 "alias-attach",
                                 "nic-detach",
                                 "alias-detach",
                                 "nic-update",
                                 "snapshot-create",
                                 "snapshot-revert",
                                 "snapshot-delete",
                                 "disk-snapshot-create",
                                 "disk-snapshot-revert",
                                 "disk-snapshot-delete",
                                 "disk-resize",
                                 "disk-saveas",
                                 "resize",
                                 "updateconf",
                                 "updateconf",
                                 "exec",
                                 "exec-cancel",
                                 "pci-attach",
                                 "pci-detach",
                                 "driver success",
                                 "driver failure",
                                 "driver success",
                                 "seen running",
                                 "seen failed",
                                 "seen suspended",
                                 "seen off",
                                 "seen unknown",
                                 "host failed",
                                 "recover success",
                                 "recover failure",
                                 "retry",
                                 "retry",
                                 "retry",
                                 "delete",
                                 "delete-recreate",
                                 "delete-db",
                                 "images ready",
                                 "images ready",
                                 "images pending",
                                 "images failed"};
static_assert(event_names.size() == static_cast<std::size_t>(VmEvent::images_failed) + 1);

// LCM states that do not count in running quotas (vm-lifecycle.md §2.12).
constexpr std::array not_running{27, 28, 67, 68, 51, 52, 53, 54, 56, 63, 64, 65, 33, 34};

constexpr int key_of(StatePair pair, VmEvent on) {
  return (static_cast<int>(pair.vm) * 128 + static_cast<int>(pair.lcm)) * 128 +
         static_cast<int>(on);
}

constexpr auto sorted_rows() {
  auto rows = vm_table::rows;
  std::ranges::sort(rows, {}, [](const VmRow& row) { return key_of(row.from, row.on); });
  return rows;
}

constexpr auto rows = sorted_rows();

}  // namespace

const VmRow* find_row(StatePair from, VmEvent on) {
  const int key = key_of(from, on);
  const auto by_key = [](const VmRow& row) { return key_of(row.from, row.on); };
  const auto found = std::ranges::lower_bound(rows, key, {}, by_key);
  return found != rows.end() && by_key(*found) == key ? &*found : nullptr;
}

std::span<const VmRow> vm_rows() { return rows; }

std::string_view name_of(VmOperation operation) {
  return std::ranges::find(operation_names, operation, [](const auto& p) { return p.first; })
      ->second;
}

VmOperation operation_named(std::string_view name) {
  const auto found =
      std::ranges::find(operation_names, name, [](const auto& p) { return p.second; });
  return found == operation_names.end() ? VmOperation::none : found->first;
}

bool waits_for_driver(StatePair state) { return find_row(state, VmEvent::succeeded) != nullptr; }

std::string_view name_of(VmEvent event) { return event_names[static_cast<std::size_t>(event)]; }

bool counts_as_running(StatePair state) {
  using enum VmState;
  if (state.vm == active) {
    return std::ranges::find(not_running, static_cast<int>(state.lcm)) == not_running.end();
  }
  return state.vm == pending || state.vm == hold || state.vm == cloning ||
         state.vm == cloning_failure;
}

}  // namespace nubo
