// SPDX-License-Identifier: Apache-2.0
// The names of states and actions by their wire numbers (sheet vm-lifecycle.md §1, §6).
#include <array>
#include <string_view>

#include "cli/values.h"

namespace nubo::cli {
namespace {

struct State {
  const char* name;
  const char* brief;
};

constexpr std::array vm_states{
    State{"INIT", "init"},       State{"PENDING", "pend"}, State{"HOLD", "hold"},
    State{"ACTIVE", "actv"},     State{"STOPPED", "stop"}, State{"SUSPENDED", "susp"},
    State{"DONE", "done"},       State{"FAILED", "fail"},  State{"POWEROFF", "poff"},
    State{"UNDEPLOYED", "unde"}, State{"CLONING", "clon"}, State{"CLONING_FAILURE", "fail"},
};

constexpr std::array lcm_states{
    State{"LCM_INIT", ""},
    State{"PROLOG", "prol"},
    State{"BOOT", "boot"},
    State{"RUNNING", "runn"},
    State{"MIGRATE", "migr"},
    State{"SAVE_STOP", "save"},
    State{"SAVE_SUSPEND", "save"},
    State{"SAVE_MIGRATE", "save"},
    State{"PROLOG_MIGRATE", "migr"},
    State{"PROLOG_RESUME", "prol"},
    State{"EPILOG_STOP", "epil"},
    State{"EPILOG", "epil"},
    State{"SHUTDOWN", "shut"},
    State{"CANCEL", "shut"},
    State{"FAILURE", "fail"},
    State{"CLEANUP_RESUBMIT", "clea"},
    State{"UNKNOWN", "unkn"},
    State{"HOTPLUG", "hotp"},
    State{"SHUTDOWN_POWEROFF", "shut"},
    State{"BOOT_UNKNOWN", "boot"},
    State{"BOOT_POWEROFF", "boot"},
    State{"BOOT_SUSPENDED", "boot"},
    State{"BOOT_STOPPED", "boot"},
    State{"CLEANUP_DELETE", "clea"},
    State{"HOTPLUG_SNAPSHOT", "snap"},
    State{"HOTPLUG_NIC", "hotp"},
    State{"HOTPLUG_SAVEAS", "hotp"},
    State{"HOTPLUG_SAVEAS_POWEROFF", "hotp"},
    State{"HOTPLUG_SAVEAS_SUSPENDED", "hotp"},
    State{"SHUTDOWN_UNDEPLOY", "shut"},
    State{"EPILOG_UNDEPLOY", "epil"},
    State{"PROLOG_UNDEPLOY", "prol"},
    State{"BOOT_UNDEPLOY", "boot"},
    State{"HOTPLUG_PROLOG_POWEROFF", "hotp"},
    State{"HOTPLUG_EPILOG_POWEROFF", "hotp"},
    State{"BOOT_MIGRATE", "boot"},
    State{"BOOT_FAILURE", "fail"},
    State{"BOOT_MIGRATE_FAILURE", "fail"},
    State{"PROLOG_MIGRATE_FAILURE", "fail"},
    State{"PROLOG_FAILURE", "fail"},
    State{"EPILOG_FAILURE", "fail"},
    State{"EPILOG_STOP_FAILURE", "fail"},
    State{"EPILOG_UNDEPLOY_FAILURE", "fail"},
    State{"PROLOG_MIGRATE_POWEROFF", "migr"},
    State{"PROLOG_MIGRATE_POWEROFF_FAILURE", "fail"},
    State{"PROLOG_MIGRATE_SUSPEND", "migr"},
    State{"PROLOG_MIGRATE_SUSPEND_FAILURE", "fail"},
    State{"BOOT_UNDEPLOY_FAILURE", "fail"},
    State{"BOOT_STOPPED_FAILURE", "fail"},
    State{"PROLOG_RESUME_FAILURE", "fail"},
    State{"PROLOG_UNDEPLOY_FAILURE", "fail"},
    State{"DISK_SNAPSHOT_POWEROFF", "snap"},
    State{"DISK_SNAPSHOT_REVERT_POWEROFF", "snap"},
    State{"DISK_SNAPSHOT_DELETE_POWEROFF", "snap"},
    State{"DISK_SNAPSHOT_SUSPENDED", "snap"},
    State{"DISK_SNAPSHOT_REVERT_SUSPENDED", "snap"},
    State{"DISK_SNAPSHOT_DELETE_SUSPENDED", "snap"},
    State{"DISK_SNAPSHOT", "snap"},
    State{"DISK_SNAPSHOT_REVERT", "snap"},
    State{"DISK_SNAPSHOT_DELETE", "snap"},
    State{"PROLOG_MIGRATE_UNKNOWN", "migr"},
    State{"PROLOG_MIGRATE_UNKNOWN_FAILURE", "fail"},
    State{"DISK_RESIZE", "drsz"},
    State{"DISK_RESIZE_POWEROFF", "drsz"},
    State{"DISK_RESIZE_UNDEPLOYED", "drsz"},
    State{"HOTPLUG_NIC_POWEROFF", "hotp"},
    State{"HOTPLUG_RESIZE", "hotp"},
    State{"HOTPLUG_SAVEAS_UNDEPLOYED", "hotp"},
    State{"HOTPLUG_SAVEAS_STOPPED", "hotp"},
    State{"BACKUP", "back"},
    State{"BACKUP_POWEROFF", "back"},
    State{"RESTORE", "rest"},
};

constexpr std::array image_types{
    State{"OS", "OS"},     State{"CDROM", "CD"},      State{"DATABLOCK", "DB"},
    State{"KERNEL", "KL"}, State{"RAMDISK", "RD"},    State{"CONTEXT", "CX"},
    State{"BACKUP", "BK"}, State{"FILESYSTEM", "FS"},
};

constexpr std::array image_states{"init", "rdy",  "used", "disa", "lock", "err",
                                  "clon", "dele", "used", "lock", "lock", "lock"};

constexpr std::array actions{
    "none",
    "migrate",
    "live-migrate",
    "shutdown",
    "shutdown-hard",
    "undeploy",
    "undeploy-hard",
    "hold",
    "release",
    "stop",
    "suspend",
    "resume",
    "boot",
    "delete",
    "delete-recreate",
    "reboot",
    "reboot-hard",
    "resched",
    "unresched",
    "poweroff",
    "poweroff-hard",
    "disk-attach",
    "disk-detach",
    "nic-attach",
    "nic-detach",
    "disk-snapshot-create",
    "disk-snapshot-delete",
    "terminate",
    "terminate-hard",
    "disk-resize",
    "deploy",
    "chown",
    "chmod",
    "updateconf",
    "rename",
    "resize",
    "update",
    "snapshot-create",
    "snapshot-delete",
    "snapshot-revert",
    "disk-saveas",
    "disk-snapshot-revert",
    "recover",
    "retry",
    "monitor",
    "disk-snapshot-rename",
    "alias-attach",
    "alias-detach",
    "poweroff-migrate",
    "poweroff-hard-migrate",
    "backup",
    "nic-update",
    "backup-cancel",
    "sched-add",
    "sched-update",
    "sched-delete",
    "sg-attach",
    "sg-detach",
    "pci-attach",
    "pci-detach",
    "restore",
    "exec",
    "exec-retry",
    "exec-cancel",
    "vmgroup-add",
    "vmgroup-del",
};

template <class Table>
auto entry(const Table& table, long long index) -> typename Table::value_type {
  return index >= 0 && static_cast<std::size_t>(index) < table.size()
             ? table[static_cast<std::size_t>(index)]
             : typename Table::value_type{};
}

std::string text(const char* value) { return value ? value : ""; }

}  // namespace

std::string vm_state_name(long long state) { return text(entry(vm_states, state).name); }

std::string lcm_state_name(long long state) { return text(entry(lcm_states, state).name); }

std::string vm_short_state(const XmlNode& vm) {
  const long long state = number(vm, "STATE");
  const std::string brief = text(entry(vm_states, state).brief);
  return brief == "actv" ? text(entry(lcm_states, number(vm, "LCM_STATE")).brief) : brief;
}

std::string image_type(long long type) { return text(entry(image_types, type).name); }

std::string image_short_type(long long type) { return text(entry(image_types, type).brief); }

std::string image_state(long long state) { return text(entry(image_states, state)); }

std::string history_action(long long action) { return text(entry(actions, action)); }

}  // namespace nubo::cli
