// SPDX-License-Identifier: Apache-2.0
// The states of a VM: wire numbers, names, the short names that lists show (vm-lifecycle.md §1).
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace nubo {

enum class VmState : int {
  init = 0,
  pending = 1,
  hold = 2,
  active = 3,
  stopped = 4,
  suspended = 5,
  done = 6,
  failed = 7,
  poweroff = 8,
  undeployed = 9,
  cloning = 10,
  cloning_failure = 11,
};

enum class LcmState : int {
  lcm_init = 0,
  prolog = 1,
  boot = 2,
  running = 3,
  migrate = 4,
  save_stop = 5,
  save_suspend = 6,
  save_migrate = 7,
  prolog_migrate = 8,
  prolog_resume = 9,
  epilog_stop = 10,
  epilog = 11,
  shutdown = 12,
  cleanup_resubmit = 15,
  unknown = 16,
  hotplug = 17,
  shutdown_poweroff = 18,
  boot_unknown = 19,
  boot_poweroff = 20,
  boot_suspended = 21,
  boot_stopped = 22,
  cleanup_delete = 23,
  hotplug_snapshot = 24,
  hotplug_nic = 25,
  hotplug_saveas = 26,
  hotplug_saveas_poweroff = 27,
  hotplug_saveas_suspended = 28,
  shutdown_undeploy = 29,
  epilog_undeploy = 30,
  prolog_undeploy = 31,
  boot_undeploy = 32,
  hotplug_prolog_poweroff = 33,
  hotplug_epilog_poweroff = 34,
  boot_migrate = 35,
  boot_failure = 36,
  boot_migrate_failure = 37,
  prolog_migrate_failure = 38,
  prolog_failure = 39,
  epilog_failure = 40,
  epilog_stop_failure = 41,
  epilog_undeploy_failure = 42,
  prolog_migrate_poweroff = 43,
  prolog_migrate_poweroff_failure = 44,
  prolog_migrate_suspend = 45,
  prolog_migrate_suspend_failure = 46,
  boot_undeploy_failure = 47,
  boot_stopped_failure = 48,
  prolog_resume_failure = 49,
  prolog_undeploy_failure = 50,
  disk_snapshot_poweroff = 51,
  disk_snapshot_revert_poweroff = 52,
  disk_snapshot_delete_poweroff = 53,
  disk_snapshot_suspended = 54,
  disk_snapshot_delete_suspended = 56,
  disk_snapshot = 57,
  disk_snapshot_delete = 59,
  prolog_migrate_unknown = 60,
  prolog_migrate_unknown_failure = 61,
  disk_resize = 62,
  disk_resize_poweroff = 63,
  disk_resize_undeployed = 64,
  hotplug_nic_poweroff = 65,
  hotplug_resize = 66,
  hotplug_saveas_undeployed = 67,
  hotplug_saveas_stopped = 68,
  backup = 69,
  backup_poweroff = 70,
  restore = 71,
};

/// The pair that says where a VM is; lcm is lcm_init unless vm is active.
struct StatePair {
  VmState vm = VmState::init;
  LcmState lcm = LcmState::lcm_init;

  constexpr bool operator==(const StatePair&) const = default;
};

struct StateNames {
  std::string_view name;   // "SAVE_STOP"
  std::string_view brief;  // "save"
};

/// Names by wire number; empty for numbers that are not used.
StateNames names_of(VmState state);
StateNames names_of(LcmState state);
/// Of the LCM state when active, else of the VM state: what messages and lists show.
StateNames names_of(StatePair pair);

/// The state of that name ("POWEROFF"); nothing when there is none.
std::optional<VmState> vm_state_named(std::string_view name);
std::optional<LcmState> lcm_state_named(std::string_view name);

}  // namespace nubo
