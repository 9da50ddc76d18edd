// SPDX-License-Identifier: Apache-2.0
#include "model/vm_states.h"

#include <cstddef>

namespace nubo {
namespace {

// Indexed by wire number.
constexpr std::array<StateNames, 12> vm_names{{
    {"INIT", "init"},
    {"PENDING", "pend"},
    {"HOLD", "hold"},
    {"ACTIVE", "actv"},
    {"STOPPED", "stop"},
    {"SUSPENDED", "susp"},
    {"DONE", "done"},
    {"FAILED", "fail"},
    {"POWEROFF", "poff"},
    {"UNDEPLOYED", "unde"},
    {"CLONING", "clon"},
    {"CLONING_FAILURE", "fail"},
}};

constexpr std::array<StateNames, 72> lcm_names{{
    {"LCM_INIT", "init"},
    {"PROLOG", "prol"},
    {"BOOT", "boot"},
    {"RUNNING", "runn"},
    {"MIGRATE", "migr"},
    {"SAVE_STOP", "save"},
    {"SAVE_SUSPEND", "save"},
    {"SAVE_MIGRATE", "save"},
    {"PROLOG_MIGRATE", "migr"},
    {"PROLOG_RESUME", "prol"},
    {"EPILOG_STOP", "epil"},
    {"EPILOG", "epil"},
    {"SHUTDOWN", "shut"},
    {"", ""},
    {"", ""},
    {"CLEANUP_RESUBMIT", "clea"},
    {"UNKNOWN", "unkn"},
    {"HOTPLUG", "hotp"},
    {"SHUTDOWN_POWEROFF", "shut"},
    {"BOOT_UNKNOWN", "boot"},
    {"BOOT_POWEROFF", "boot"},
    {"BOOT_SUSPENDED", "boot"},
    {"BOOT_STOPPED", "boot"},
    {"CLEANUP_DELETE", "clea"},
    {"HOTPLUG_SNAPSHOT", "snap"},
    {"HOTPLUG_NIC", "hotp"},
    {"HOTPLUG_SAVEAS", "hotp"},
    {"HOTPLUG_SAVEAS_POWEROFF", "hotp"},
    {"HOTPLUG_SAVEAS_SUSPENDED", "hotp"},
    {"SHUTDOWN_UNDEPLOY", "shut"},
    {"EPILOG_UNDEPLOY", "epil"},
    {"PROLOG_UNDEPLOY", "prol"},
    {"BOOT_UNDEPLOY", "boot"},
    {"HOTPLUG_PROLOG_POWEROFF", "hotp"},
    {"HOTPLUG_EPILOG_POWEROFF", "hotp"},
    {"BOOT_MIGRATE", "boot"},
    {"BOOT_FAILURE", "fail"},
    {"BOOT_MIGRATE_FAILURE", "fail"},
    {"PROLOG_MIGRATE_FAILURE", "fail"},
    {"PROLOG_FAILURE", "fail"},
    {"EPILOG_FAILURE", "fail"},
    {"EPILOG_STOP_FAILURE", "fail"},
    {"EPILOG_UNDEPLOY_FAILURE", "fail"},
    {"PROLOG_MIGRATE_POWEROFF", "migr"},
    {"PROLOG_MIGRATE_POWEROFF_FAILURE", "fail"},
    {"PROLOG_MIGRATE_SUSPEND", "migr"},
    {"PROLOG_MIGRATE_SUSPEND_FAILURE", "fail"},
    {"BOOT_UNDEPLOY_FAILURE", "fail"},
    {"BOOT_STOPPED_FAILURE", "fail"},
    {"PROLOG_RESUME_FAILURE", "fail"},
    {"PROLOG_UNDEPLOY_FAILURE", "fail"},
    {"DISK_SNAPSHOT_POWEROFF", "snap"},
    {"DISK_SNAPSHOT_REVERT_POWEROFF", "snap"},
    {"DISK_SNAPSHOT_DELETE_POWEROFF", "snap"},
    {"DISK_SNAPSHOT_SUSPENDED", "snap"},
    {"", ""},
    {"DISK_SNAPSHOT_DELETE_SUSPENDED", "snap"},
    {"DISK_SNAPSHOT", "snap"},
    {"", ""},
    {"DISK_SNAPSHOT_DELETE", "snap"},
    {"PROLOG_MIGRATE_UNKNOWN", "migr"},
    {"PROLOG_MIGRATE_UNKNOWN_FAILURE", "fail"},
    {"DISK_RESIZE", "drsz"},
    {"DISK_RESIZE_POWEROFF", "drsz"},
    {"DISK_RESIZE_UNDEPLOYED", "drsz"},
    {"HOTPLUG_NIC_POWEROFF", "hotp"},
    {"HOTPLUG_RESIZE", "hotp"},
    {"HOTPLUG_SAVEAS_UNDEPLOYED", "hotp"},
    {"HOTPLUG_SAVEAS_STOPPED", "hotp"},
    {"BACKUP", "back"},
    {"BACKUP_POWEROFF", "back"},
    {"RESTORE", "rest"},
}};

template <std::size_t n>
StateNames at(const std::array<StateNames, n>& names, int number) {
  const auto place = static_cast<std::size_t>(number);
  return place < n ? names[place] : StateNames{};
}

template <class State, std::size_t n>
std::optional<State> named(const std::array<StateNames, n>& names, std::string_view name) {
  for (std::size_t place = 0; place < n; ++place) {
    if (!name.empty() && names[place].name == name) return static_cast<State>(place);
  }
  return {};
}

}  // namespace

StateNames names_of(VmState state) { return at(vm_names, static_cast<int>(state)); }

StateNames names_of(LcmState state) { return at(lcm_names, static_cast<int>(state)); }

StateNames names_of(StatePair pair) {
  return pair.vm == VmState::active ? names_of(pair.lcm) : names_of(pair.vm);
}

std::optional<VmState> vm_state_named(std::string_view name) {
  return named<VmState>(vm_names, name);
}

std::optional<LcmState> lcm_state_named(std::string_view name) {
  return named<LcmState>(lcm_names, name);
}

}  // namespace nubo
