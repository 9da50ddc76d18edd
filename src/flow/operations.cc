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
constexpr std::array clean_up_both{Step{cancel, Where::host, true},
                                   Step{network_clean, Where::host, true},
                                   Step{cancel, Where::previous, true},
                                   Step{network_clean, Where::previous, true},
                                   Step{transfer, Where::host, true}};
constexpr std::array clean_up_previous{Step{cancel, Where::previous, true},
                                       Step{network_clean, Where::previous, true},
                                       Step{transfer, Where::previous, true}};

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
};

using std::chrono::minutes;
using std::chrono::seconds;

// Indexed by StepKind: from the request to a node that answers, big disks and memories included.
constexpr std::array<Milliseconds, 16> deadlines{
    minutes{60}, minutes{5},  minutes{5},   minutes{5},   minutes{5},  seconds{60},
    seconds{60}, seconds{60}, minutes{3},   minutes{15},  minutes{15}, minutes{4},
    seconds{60}, minutes{30}, seconds{60},  seconds{60}};
static_assert(deadlines.size() == static_cast<std::size_t>(reset) + 1);

}  // namespace

std::span<const Step> steps_of(VmOperation operation) {
  for (const Row& row : rows) {
    if (row.operation == operation) return row.steps;
  }
  return {};
}

Milliseconds deadline_of(StepKind kind) { return deadlines[static_cast<std::size_t>(kind)]; }

}  // namespace nubo
