// SPDX-License-Identifier: Apache-2.0
// The life cycle of a VM as a table: (state, event) → next state, driver operation, bookkeeping
// (sheets vm-lifecycle.md §2, vm-transitions.tsv). Facts that decide between rows are turned into
// an event first (flow/events.h), so a row has no guard. vm_table.h holds the rows and what is
// checked about them at compile time.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/history.h"
#include "model/vm_states.h"

namespace nubo {

enum class VmEvent : std::uint8_t {
  // what a user or the scheduler asks for
  hold,
  release,
  stop,
  suspend,
  resume,
  reboot,
  reboot_hard,
  poweroff,
  poweroff_hard,
  undeploy,
  undeploy_hard,
  terminate,
  terminate_hard,
  resched,
  unresched,
  deploy,             // first time, or again after recreate
  deploy_stopped,     // the last action was stop
  deploy_undeployed,  // the last action was undeploy
  migrate_live,
  migrate_save,           // cold, through a checkpoint
  migrate_poweroff,       // cold, through an orderly shutdown
  migrate_poweroff_hard,  // cold, through a cut of the power
  // changes of a VM that stays where it is
  attach_disk,
  detach_disk,
  attach_nic,
  attach_alias,  // also of PCI devices that are NICs
  detach_nic,
  detach_alias,
  update_nic,
  snapshot_create,
  snapshot_revert,
  snapshot_delete,
  disk_snapshot_create,
  disk_snapshot_revert,
  disk_snapshot_delete,
  resize_disk,
  save_disk,
  resize,
  updateconf,
  update_context,  // of a guest that runs
  exec,
  exec_cancel,
  attach_pci,
  detach_pci,
  // what the driver operation that the state waits for came to; its deadline is a failure
  succeeded,
  failed,
  moved_without_checkpoint,  // a transfer succeeded, and the VM was powered off for it
  // what monitoring saw
  seen_running,
  seen_failure,
  seen_suspended,
  seen_poweroff,
  seen_unknown,
  host_failed,
  // what an operator decides
  recover_success,
  recover_failure,
  retry,
  retry_soft,  // of a shutdown that was asked for politely
  retry_hard,
  destroy,
  recreate,
  forget,  // delete from the database only
  // what became of the images that a cloning VM waits for
  images_ready,
  images_ready_on_hold,
  images_pending,
  images_failed,
};

/// Driver operations (vm-lifecycle.md §2.6, §2.7); their steps are in flow/operations.h.
enum class VmOperation : std::uint8_t {
  none,
  tm_prolog,
  tm_prolog_resume,
  tm_prolog_migrate,
  tm_epilog,
  tm_epilog_front_end,
  tm_epilog_stop,
  tm_epilog_delete,
  tm_epilog_delete_both,
  vmm_deploy,
  vmm_restore,
  vmm_save,
  vmm_shutdown,
  vmm_cancel,
  vmm_migrate,
  vmm_reboot,
  vmm_reset,
  vmm_cleanup,
  vmm_cleanup_both,
  vmm_cleanup_previous,
  tm_prolog_attach,
  tm_epilog_detach,
  tm_snapshot_create,
  tm_snapshot_revert,
  tm_snapshot_delete,
  tm_resize,
  tm_saveas,
  vmm_attachdisk,
  vmm_detachdisk,
  vmm_attachnic,
  vmm_detachnic,
  vmm_updatenic,
  vmm_updatesg,
  vmm_snapshotcreate,
  vmm_snapshotrevert,
  vmm_snapshotdelete,
  vmm_disksnapshotcreate,
  vmm_resizedisk,
  vmm_resize,
  vmm_updateconf,
  vmm_exec,
  vmm_exec_cancel,
};

/// "vmm.deploy": as stored effects and logs name it; "" for none.
std::string_view name_of(VmOperation operation);
VmOperation operation_named(std::string_view name);

/// What a transition does beside changing the state. `record` is the current history record,
/// `previous` the one before. Those that go together are done in the order of bookkeeping.cc.
using Notes = std::uint64_t;

enum Bookkeeping : Notes {
  nothing = 0,
  clear_resched = 1ULL << 0,
  note_action = 1ULL << 1,           // record.ACTION = the row's action, with the caller
  note_previous_action = 1ULL << 2,  // previous.ACTION likewise
  reopen_record = 1ULL << 3,         // close the record and open a copy of it (resume)
  boot_begins = 1ULL << 4,           // PETIME = RSTIME = now
  prolog_ends = 1ULL << 5,           // PETIME = now
  running_ends = 1ULL << 6,          // RETIME = now
  epilog_begins = 1ULL << 7,         // ESTIME = now
  epilog_ends = 1ULL << 8,           // EETIME = ETIME = now
  record_ends = 1ULL << 9,           // ETIME = now if it was 0
  runs_now = 1ULL << 10,             // ACTION = 0, ETIME = RETIME = 0
  forget_action = 1ULL << 11,        // ACTION = 0
  previous_ends = 1ULL << 12,        // previous.ETIME = previous.RETIME = now
  migration_arrived = 1ULL << 13,    // record.RSTIME = now
  prolog_begins = 1ULL << 14,        // record.PSTIME = now
  free_source = 1ULL << 15,          // capacity on the previous host, when hosts differ
  free_capacity = 1ULL << 16,        // capacity on the current host
  return_to_previous = 1ULL << 17,   // a migration whose transfer failed is given up
  revert_migration = 1ULL << 18,     // back to the previous host by a new record
  drop_snapshots = 1ULL << 19,       // system snapshots, unless the driver keeps them
  gives_up_resources = 1ULL << 20,   // leases, images, quotas …: the VM is over
  forget_deploy_id = 1ULL << 21,
  invent_deploy_id = 1ULL << 22,    // "one-<id>" when it is empty
  action_of_stop = 1ULL << 23,      // ACTION = stop if 0
  action_of_undeploy = 1ULL << 24,  // ACTION = undeploy if 0
  fills_cloned_disks = 1ULL << 25,  // SOURCE, FORMAT of images that have become ready
  set_resched = 1ULL << 26,
  requirements = 1ULL << 27,         // AUTOMATIC_* are worked out again; failing refuses the event
  new_record = 1ULL << 28,           // close the record with the action, go on in a copy of it
  settle_change = 1ULL << 29,        // what the operation under way was for has come true
  revert_change = 1ULL << 30,        // and is taken back
  ends_exec = 1ULL << 31,            // a command in the guest ends with it
  drop_disk_snapshots = 1ULL << 32,  // of disks that are made anew
};

struct VmRow {
  StatePair from;
  VmEvent on;
  StatePair to;
  VmOperation operation = VmOperation::none;
  Notes notes = nothing;
  VmAction action = VmAction::none;
};

/// The row for an event in a state, or nullptr: then the event is refused.
const VmRow* find_row(StatePair from, VmEvent on);

/// All rows, for documentation and tests.
std::span<const VmRow> vm_rows();

/// The driver operation whose outcome the state waits for, as its retry starts it; none when the
/// state waits for nothing.
bool waits_for_driver(StatePair state);

/// "poweroff-hard": as the API and history name it; for events of drivers and monitoring a word
/// for the log.
std::string_view name_of(VmEvent event);

/// Whether running quotas count the VM (vm-lifecycle.md §2.12).
bool counts_as_running(StatePair state);

}  // namespace nubo
