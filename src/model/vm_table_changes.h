// SPDX-License-Identifier: Apache-2.0
// Rows of the VM machine for changes of a VM that stays where it is: disks, NICs, snapshots,
// capacity, configuration (sheet vm-lifecycle.md §2.5, §2.8). Part of vm_table.h.
#pragma once

#include <array>

#include "model/vm_table_parts.h"

namespace nubo::vm_table {

inline constexpr StatePair running = at(L::running);

/// A change that history keeps, and a guest or its disks take at once.
inline constexpr Notes hot = new_record | clear_resched;

inline constexpr std::array changing{
    VmRow{running, E::attach_disk, at(L::hotplug), O::vmm_attachdisk, hot, A::disk_attach},
    VmRow{powered_off, E::attach_disk, at(L::hotplug_prolog_poweroff), O::tm_prolog_attach, hot,
          A::disk_attach},
    VmRow{running, E::detach_disk, at(L::hotplug), O::vmm_detachdisk, hot, A::disk_detach},
    VmRow{powered_off, E::detach_disk, at(L::hotplug_epilog_poweroff), O::tm_epilog_detach, hot,
          A::disk_detach},

    VmRow{running, E::attach_nic, at(L::hotplug_nic), O::vmm_attachnic, hot, A::nic_attach},
    VmRow{powered_off, E::attach_nic, powered_off, O::none, hot, A::nic_attach},
    VmRow{running, E::attach_alias, at(L::hotplug_nic), O::vmm_attachnic, hot, A::alias_attach},
    VmRow{powered_off, E::attach_alias, powered_off, O::none, hot, A::alias_attach},
    VmRow{running, E::detach_nic, at(L::hotplug_nic), O::vmm_detachnic, hot, A::nic_detach},
    VmRow{powered_off, E::detach_nic, powered_off, O::none, hot, A::nic_detach},
    VmRow{running, E::detach_alias, at(L::hotplug_nic), O::vmm_detachnic, hot, A::alias_detach},
    VmRow{powered_off, E::detach_alias, powered_off, O::none, hot, A::alias_detach},
    VmRow{running, E::update_nic, at(L::hotplug_nic), O::vmm_updatenic, new_record, A::nic_update},

    VmRow{running, E::snapshot_create, at(L::hotplug_snapshot), O::vmm_snapshotcreate,
          clear_resched},
    VmRow{running, E::snapshot_revert, at(L::hotplug_snapshot), O::vmm_snapshotrevert,
          clear_resched},
    VmRow{running, E::snapshot_delete, at(L::hotplug_snapshot), O::vmm_snapshotdelete,
          clear_resched},

    VmRow{running, E::disk_snapshot_create, at(L::disk_snapshot), O::vmm_disksnapshotcreate,
          new_record, A::disk_snapshot_create},
    VmRow{powered_off, E::disk_snapshot_create, at(L::disk_snapshot_poweroff),
          O::tm_snapshot_create, new_record, A::disk_snapshot_create},
    VmRow{suspended, E::disk_snapshot_create, at(L::disk_snapshot_suspended), O::tm_snapshot_create,
          new_record, A::disk_snapshot_create},
    VmRow{powered_off, E::disk_snapshot_revert, at(L::disk_snapshot_revert_poweroff),
          O::tm_snapshot_revert, new_record, A::disk_snapshot_revert},
    VmRow{running, E::disk_snapshot_delete, at(L::disk_snapshot_delete), O::tm_snapshot_delete,
          new_record, A::disk_snapshot_delete},
    VmRow{powered_off, E::disk_snapshot_delete, at(L::disk_snapshot_delete_poweroff),
          O::tm_snapshot_delete, new_record, A::disk_snapshot_delete},
    VmRow{suspended, E::disk_snapshot_delete, at(L::disk_snapshot_delete_suspended),
          O::tm_snapshot_delete, new_record, A::disk_snapshot_delete},

    VmRow{running, E::resize_disk, at(L::disk_resize), O::vmm_resizedisk, new_record,
          A::disk_resize},
    VmRow{powered_off, E::resize_disk, at(L::disk_resize_poweroff), O::tm_resize, new_record,
          A::disk_resize},
    VmRow{undeployed, E::resize_disk, at(L::disk_resize_undeployed), O::tm_resize},

    VmRow{running, E::save_disk, at(L::hotplug_saveas), O::tm_saveas},
    VmRow{powered_off, E::save_disk, at(L::hotplug_saveas_poweroff), O::tm_saveas},
    VmRow{suspended, E::save_disk, at(L::hotplug_saveas_suspended), O::tm_saveas},
    VmRow{undeployed, E::save_disk, at(L::hotplug_saveas_undeployed), O::tm_saveas},
    VmRow{stopped, E::save_disk, at(L::hotplug_saveas_stopped), O::tm_saveas},

    VmRow{running, E::resize, at(L::hotplug_resize), O::vmm_resize, hot, A::resize},
    VmRow{powered_off, E::resize, powered_off, O::none, new_record, A::resize},
    VmRow{off(VmState::init), E::resize, off(VmState::init)},
    VmRow{pending, E::resize, pending},
    VmRow{on_hold, E::resize, on_hold},
    VmRow{undeployed, E::resize, undeployed},
    VmRow{cloning, E::resize, cloning},
    VmRow{cloning_failure, E::resize, cloning_failure},

    VmRow{running, E::update_context, at(L::hotplug), O::vmm_updateconf, clear_resched},
    VmRow{running, E::exec, at(L::hotplug), O::vmm_exec, new_record, A::exec},
    VmRow{running, E::exec_cancel, at(L::hotplug), O::vmm_exec_cancel, new_record, A::exec_cancel},

    VmRow{powered_off, E::attach_pci, powered_off, O::none, new_record, A::pci_attach},
    VmRow{undeployed, E::attach_pci, undeployed},
    VmRow{powered_off, E::detach_pci, powered_off, O::none, new_record, A::pci_detach},
    VmRow{undeployed, E::detach_pci, undeployed},
};

/// The states in which an event changes the VM's document and nothing else.
template <std::size_t n>
constexpr std::array<VmRow, n> stays(VmEvent event, const std::array<StatePair, n>& states) {
  std::array<VmRow, n> rows{};
  for (std::size_t i = 0; i < n; ++i) rows[i] = VmRow{states[i], event, states[i]};
  return rows;
}

inline constexpr auto configuring =
    stays(E::updateconf, std::array{pending,
                                    on_hold,
                                    powered_off,
                                    undeployed,
                                    cloning,
                                    cloning_failure,
                                    at(L::prolog),
                                    running,
                                    at(L::epilog),
                                    at(L::shutdown),
                                    at(L::cleanup_resubmit),
                                    at(L::shutdown_poweroff),
                                    at(L::hotplug_saveas_poweroff),
                                    at(L::shutdown_undeploy),
                                    at(L::epilog_undeploy),
                                    at(L::prolog_undeploy),
                                    at(L::hotplug_prolog_poweroff),
                                    at(L::hotplug_epilog_poweroff),
                                    at(L::boot_failure),
                                    at(L::prolog_failure),
                                    at(L::epilog_failure),
                                    at(L::epilog_undeploy_failure),
                                    at(L::prolog_migrate_poweroff),
                                    at(L::prolog_migrate_poweroff_failure),
                                    at(L::boot_undeploy_failure),
                                    at(L::prolog_undeploy_failure),
                                    at(L::disk_snapshot_poweroff),
                                    at(L::disk_snapshot_revert_poweroff),
                                    at(L::disk_snapshot_delete_poweroff)});

/// Either way the VM is back where it was; what was asked has come true, or is taken back.
constexpr std::array<VmRow, 4> back(LcmState from, StatePair to, Notes arriving = nothing) {
  return outcome(from, then(to, O::none, settle_change | arriving),
                 then(to, O::none, revert_change | arriving));
}

inline constexpr auto change_ends = joined(
    back(L::hotplug, running), back(L::hotplug_snapshot, running), back(L::hotplug_nic, running),
    back(L::hotplug_saveas, running), back(L::hotplug_saveas_poweroff, powered_off, running_ends),
    back(L::hotplug_saveas_suspended, suspended, running_ends),
    back(L::hotplug_prolog_poweroff, powered_off, running_ends),
    back(L::hotplug_epilog_poweroff, powered_off, running_ends),
    back(L::disk_snapshot_poweroff, powered_off, running_ends),
    back(L::disk_snapshot_revert_poweroff, powered_off, running_ends),
    back(L::disk_snapshot_delete_poweroff, powered_off, running_ends),
    back(L::disk_snapshot_suspended, suspended, running_ends),
    back(L::disk_snapshot_delete_suspended, suspended, running_ends),
    back(L::disk_snapshot, running), back(L::disk_snapshot_delete, running),
    back(L::disk_resize, running), back(L::disk_resize_poweroff, powered_off, running_ends),
    back(L::disk_resize_undeployed, undeployed), back(L::hotplug_resize, running),
    back(L::hotplug_saveas_undeployed, undeployed), back(L::hotplug_saveas_stopped, stopped));

/// The end by force in the middle of a change, which is taken back.
constexpr std::array<VmRow, 2> drop(LcmState from, VmOperation operation, Notes times = nothing) {
  return wipe(from, operation, times | revert_change);
}

inline constexpr auto wiping_changes =
    joined(drop(L::hotplug, O::vmm_cleanup, running_ends),
           drop(L::hotplug_snapshot, O::vmm_cleanup, running_ends),
           drop(L::hotplug_nic, O::vmm_cleanup, running_ends),
           drop(L::hotplug_saveas, O::vmm_cleanup, running_ends),
           drop(L::hotplug_saveas_poweroff, O::tm_epilog_delete, running_ends),
           drop(L::hotplug_saveas_suspended, O::tm_epilog_delete, running_ends),
           drop(L::hotplug_prolog_poweroff, O::tm_epilog_delete),
           drop(L::hotplug_epilog_poweroff, O::tm_epilog_delete),
           drop(L::disk_snapshot_poweroff, O::tm_epilog_delete),
           drop(L::disk_snapshot_revert_poweroff, O::tm_epilog_delete),
           drop(L::disk_snapshot_delete_poweroff, O::tm_epilog_delete),
           drop(L::disk_snapshot_suspended, O::tm_epilog_delete),
           drop(L::disk_snapshot_delete_suspended, O::tm_epilog_delete),
           drop(L::disk_snapshot, O::vmm_cleanup, running_ends),
           drop(L::disk_snapshot_delete, O::vmm_cleanup, running_ends),
           drop(L::disk_resize, O::vmm_cleanup, running_ends),
           drop(L::disk_resize_poweroff, O::tm_epilog_delete),
           drop(L::disk_resize_undeployed, O::tm_epilog_front_end),
           drop(L::hotplug_resize, O::vmm_cleanup, running_ends),
           drop(L::hotplug_saveas_undeployed, O::tm_epilog_front_end),
           drop(L::hotplug_saveas_stopped, O::tm_epilog_front_end));

}  // namespace nubo::vm_table
