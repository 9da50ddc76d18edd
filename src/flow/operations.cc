// SPDX-License-Identifier: Apache-2.0
#include "flow/operations.h"

#include <array>

namespace nubo {
namespace {

using enum StepKind;

constexpr std::array clean{UndoStep{network_clean}};
constexpr std::array cancel_and_clean{UndoStep{cancel}, UndoStep{network_clean}};
constexpr std::array fail_migration{UndoStep{failmigrate}};

constexpr std::array move_disks{Step{transfer}};
constexpr std::array boot{
    Step{context},
    Step{network_pre},
    Step{deploy, Where::host, false, clean},
    Step{network_post, Where::host, false, cancel_and_clean},
};
constexpr std::array boot_again{
    Step{context},
    Step{network_pre},
    Step{restore, Where::host, false, clean},
    Step{network_post, Where::host, false, cancel_and_clean},
};
constexpr std::array save_guest{Step{save, Where::guest}, Step{network_clean, Where::guest, true}};
constexpr std::array shut_down{Step{shutdown, Where::guest},
                               Step{network_clean, Where::guest, true}};
constexpr std::array cut_off{Step{cancel, Where::guest}, Step{network_clean, Where::guest, true}};
constexpr std::array move_guest{
    Step{premigrate, Where::host, false, fail_migration},
    Step{network_pre},
    Step{migrate, Where::previous, false, fail_migration},
    Step{network_clean, Where::previous, true},
    Step{network_post, Where::host, true},
    Step{postmigrate, Where::host, true},
};
constexpr std::array reboot_guest{Step{reboot}};
constexpr std::array reset_guest{Step{reset}};
constexpr std::array clean_up{Step{cancel, Where::host, true},
                              Step{network_clean, Where::host, true},
                              Step{transfer, Where::host, true}};
constexpr std::array clean_up_both{
    Step{cancel, Where::host, true}, Step{network_clean, Where::host, true},
    Step{cancel, Where::previous, true}, Step{network_clean, Where::previous, true},
    Step{transfer, Where::host, true}};
constexpr std::array clean_up_previous{Step{cancel, Where::previous, true},
                                       Step{network_clean, Where::previous, true},
                                       Step{transfer, Where::previous, true}};

constexpr std::array back_again{UndoStep{transfer_back}};
constexpr std::array take_nic_out{UndoStep{detach_nic}, UndoStep{network_clean}};
constexpr std::array plug_disk{Step{transfer, Where::host, false, back_again},
                               Step{attach_disk, Where::host, false, back_again}};
constexpr std::array bring_disk{Step{transfer, Where::host, false, back_again}};
constexpr std::array unplug_disk{Step{detach_disk}, Step{transfer}};
constexpr std::array grow_plugged_disk{Step{transfer}, Step{resize_disk}};
constexpr std::array save_to_image{Step{make_image}, Step{transfer}};
constexpr std::array plug_nic{
    Step{network_pre},
    Step{attach_nic, Where::host, false, take_nic_out},
    Step{network_post, Where::host, false, take_nic_out},
    Step{context, Where::host, false, take_nic_out},
    Step{reconfigure, Where::host, false, take_nic_out},
};
constexpr std::array unplug_nic{Step{detach_nic}, Step{network_clean, Where::host, true},
                                Step{context}, Step{reconfigure}};
constexpr std::array change_bandwidth{Step{StepKind::update_nic}};
constexpr std::array change_rules{Step{update_rules}};
constexpr std::array make_snapshot{Step{snapshot_create}};
constexpr std::array go_to_snapshot{Step{snapshot_revert}, Step{network_post, Where::host, true}};
constexpr std::array drop_snapshot{Step{snapshot_delete}};
constexpr std::array snapshot_plugged_disk{Step{disk_snapshot_create}, Step{transfer}};
constexpr std::array change_capacity{Step{StepKind::resize}};
constexpr std::array change_context{Step{context}, Step{reconfigure}};
constexpr std::array run_command{Step{StepKind::exec}};
constexpr std::array cancel_command{Step{StepKind::exec_cancel}};

struct Row {
  VmOperation operation;
  std::span<const Step> steps;
};

constexpr std::array rows{
    Row{VmOperation::tm_prolog, move_disks},
    Row{VmOperation::tm_prolog_resume, move_disks},
    Row{VmOperation::tm_prolog_migrate, move_disks},
    Row{VmOperation::tm_epilog, move_disks},
    Row{VmOperation::tm_epilog_front_end, move_disks},
    Row{VmOperation::tm_epilog_stop, move_disks},
    Row{VmOperation::tm_epilog_delete, move_disks},
    Row{VmOperation::tm_epilog_delete_both, move_disks},
    Row{VmOperation::vmm_deploy, boot},
    Row{VmOperation::vmm_restore, boot_again},
    Row{VmOperation::vmm_save, save_guest},
    Row{VmOperation::vmm_shutdown, shut_down},
    Row{VmOperation::vmm_cancel, cut_off},
    Row{VmOperation::vmm_migrate, move_guest},
    Row{VmOperation::vmm_reboot, reboot_guest},
    Row{VmOperation::vmm_reset, reset_guest},
    Row{VmOperation::vmm_cleanup, clean_up},
    Row{VmOperation::vmm_cleanup_both, clean_up_both},
    Row{VmOperation::vmm_cleanup_previous, clean_up_previous},
    Row{VmOperation::tm_prolog_attach, bring_disk},
    Row{VmOperation::tm_epilog_detach, move_disks},
    Row{VmOperation::tm_snapshot_create, move_disks},
    Row{VmOperation::tm_snapshot_revert, move_disks},
    Row{VmOperation::tm_snapshot_delete, move_disks},
    Row{VmOperation::tm_resize, move_disks},
    Row{VmOperation::tm_saveas, save_to_image},
    Row{VmOperation::vmm_attachdisk, plug_disk},
    Row{VmOperation::vmm_detachdisk, unplug_disk},
    Row{VmOperation::vmm_attachnic, plug_nic},
    Row{VmOperation::vmm_detachnic, unplug_nic},
    Row{VmOperation::vmm_updatenic, change_bandwidth},
    Row{VmOperation::vmm_updatesg, change_rules},
    Row{VmOperation::vmm_snapshotcreate, make_snapshot},
    Row{VmOperation::vmm_snapshotrevert, go_to_snapshot},
    Row{VmOperation::vmm_snapshotdelete, drop_snapshot},
    Row{VmOperation::vmm_disksnapshotcreate, snapshot_plugged_disk},
    Row{VmOperation::vmm_resizedisk, grow_plugged_disk},
    Row{VmOperation::vmm_resize, change_capacity},
    Row{VmOperation::vmm_updateconf, change_context},
    Row{VmOperation::vmm_exec, run_command},
    Row{VmOperation::vmm_exec_cancel, cancel_command},
};

using std::chrono::minutes;
using std::chrono::seconds;

// From the request to a node that answers, big disks and memories included.
struct Deadline {
  StepKind kind;
  Milliseconds time;
};

constexpr std::array long_deadlines{
    Deadline{transfer, minutes{60}},
    Deadline{context, minutes{5}},
    Deadline{transfer_back, minutes{5}},
    Deadline{premigrate, minutes{5}},
    Deadline{postmigrate, minutes{5}},
    Deadline{failmigrate, minutes{5}},
    Deadline{deploy, minutes{3}},
    Deadline{restore, minutes{15}},
    Deadline{save, minutes{15}},
    Deadline{StepKind::shutdown, minutes{4}},
    Deadline{migrate, minutes{30}},
    Deadline{snapshot_create, minutes{15}},
    Deadline{snapshot_revert, minutes{15}},
    Deadline{snapshot_delete, minutes{15}},
    Deadline{disk_snapshot_create, minutes{3}},
    Deadline{make_image, minutes{30}},
    Deadline{detach_disk, minutes{3}},
    Deadline{detach_nic, minutes{3}},
};

}  // namespace

std::span<const Step> steps_of(VmOperation operation) {
  for (const Row& row : rows) {
    if (row.operation == operation) return row.steps;
  }
  return {};
}

Milliseconds deadline_of(StepKind kind) {
  for (const Deadline& row : long_deadlines) {
    if (row.kind == kind) return row.time;
  }
  return seconds{60};
}

}  // namespace nubo
