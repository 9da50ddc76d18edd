// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/schedule.h"
#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/tools/vm_actions.h"
#include "cli/tools/vm_show.h"
#include "cli/values.h"
#include "cli/vm_options.h"
#include "cli/wait.h"

namespace nubo::cli {
namespace {

XmlNode last_history(const XmlNode& vm) {
  const std::vector<XmlNode> history = vm.child("HISTORY_RECORDS").children("HISTORY");
  return history.empty() ? XmlNode() : history.back();
}

std::string name(const Row& row) {
  return (row.node.get("RESCHED") == "1" ? "*" : "") + row.node.get("NAME");
}

std::string stat(const Row& row) { return vm_short_state(row.node); }

std::string cpu(const Row& row) {
  const std::string value = get(row.node, "TEMPLATE/CPU");
  return value.empty() ? "0" : value;
}

std::string mem(const Row& row) {
  const std::string value = get(row.node, "TEMPLATE/MEMORY");
  return row.listing.raw() ? value : size_text(decimal(row.node, "TEMPLATE/MEMORY"), 'M');
}

std::string host(const Row& row) {
  const std::string state = vm_state_name(number(row.node, "STATE"));
  const bool placed = state == "ACTIVE" || state == "SUSPENDED" || state == "POWEROFF";
  return placed ? last_history(row.node).get("HOSTNAME") : "";
}

std::string cluster(const Row& row) {
  const XmlNode last = last_history(row.node);
  if (!last) return "NONE";
  const auto& names = row.listing.run().names("cluster");
  const auto found = names.find(last.get("CID"));
  return found == names.end() ? "-" : found->second;
}

std::string time(const Row& row) {
  const long long end = number(row.node, "ETIME");
  return duration_text((end == 0 ? row.listing.run().shell.now() : end) - number(row.node, "STIME"),
                       "m");
}

std::string ip(const Row& row) {
  std::vector<std::string> addresses;
  for (const char* kind : {"NIC", "NIC_ALIAS"}) {
    for (const XmlNode& nic : row.node.child("TEMPLATE").children(kind)) {
      for (const char* which : {"IP", "IP6_GLOBAL", "IP6_ULA", "IP6"}) {
        if (const std::string address = nic.get(which); !address.empty())
          addresses.push_back(address);
      }
    }
  }
  return addresses.empty() ? "--" : join(addresses, ",");
}

constexpr std::array columns{
    Column{"ID", "ONE identifier for Virtual Machine", 4, adjust, &id_value},
    Column{"NAME", "Name of the Virtual Machine", 15, left | expand, &name},
    Column{"USER", "Username of the Virtual Machine owner", 8, left, &user_value},
    Column{"GROUP", "Group of the Virtual Machine", 8, left, &group_value},
    Column{"STAT", "Actual status", 4, right, &stat},
    Column{"CPU", "CPU asigned to the VM", 4, right, &cpu},
    Column{"MEM", "Memory asigned to the VM", 7, right, &mem},
    Column{"HOST", "Host where the VM is running", 10, left | expand, &host},
    Column{"CLUSTER", "Cluster where the VM is running", 10, left, &cluster},
    Column{"TIME", "Time since the VM was submitted", 10, right, &time},
    Column{"IP", "VM IP addresses", 15, left | adjust, &ip},
};
constexpr ListLayout layout{columns, "ID,USER,GROUP,NAME,STAT,CPU,MEM,HOST,TIME", "user",
                            "ID,NAME,IP,STAT,CPU,MEM,HOST,TIME"};

Result<int> create(Run& run) {
  NUBO_TRY(const std::string text, vm_template(run, 0));
  if (run.options.has("dry")) {
    run.print(text);
    return 0;
  }
  std::vector<int> made;
  for (int i = 0; i < run.options.number("multiple", 1); ++i) {
    NUBO_TRY(const int id, run.call_for_id("allocate", {text, run.options.has("hold")}));
    run.line(fmt::format("ID: {}", id));
    made.push_back(id);
  }
  NUBO_CHECK(wait_if_asked(run, made, {run.options.has("hold") ? "HOLD" : "RUNNING", true, -1}));
  return 0;
}

constexpr std::array create_options{
    Option{"name", 0, Takes::text, "name", "Name of the new VM"},
    Option{"multiple", 'm', Takes::integer, "x", "Instance multiple VMs"},
    Option{"hold", 0, Takes::nothing, "", "Creates the new VM on hold state instead of pending"},
    Option{"dry", 0, Takes::nothing, "", "Just print the template"},
};
constexpr std::array list_group{
    Option{"extended", 0, Takes::nothing, "", "Show info extended (it only works with xml output)"},
    Option{"kilobytes", 'k', Takes::nothing, "", "Show units in kilobytes"},
    Option{"search", 0, Takes::text, "search", "Query: VM.NAME=web&VM.STATE=3"},
};
constexpr std::array show_group{Option{"all", 0, Takes::nothing, "", "Show the whole template"}};

constexpr const char* many = "<range|vmid_list>";

constexpr std::array commands{
    Command{"create",
            "[file]",
            "Creates a new VM from the given description",
            {},
            create,
            {vm_template_options, create_options, wait_options}},
    Command{
        "wait", many, "Waits until the VM is in a state", {}, wait_command, {wait_command_options}},
    Command{
        "hold", many, "Sets the VM on hold", {}, action_command, {schedule_options, wait_options}},
    Command{"release",
            many,
            "Releases a VM from hold",
            {},
            action_command,
            {schedule_options, wait_options}},
    Command{"terminate",
            many,
            "Terminates the VM",
            {},
            action_command,
            {hard_options, schedule_options, wait_options}},
    Command{"undeploy",
            many,
            "Shuts the VM down and takes its disks from the host",
            {},
            action_command,
            {hard_options, schedule_options, wait_options}},
    Command{"poweroff",
            many,
            "Powers the VM off; it stays on its host",
            {},
            action_command,
            {hard_options, schedule_options, wait_options}},
    Command{"reboot",
            many,
            "Reboots the VM",
            {},
            action_command,
            {hard_options, schedule_options, wait_options}},
    Command{"stop",
            many,
            "Saves the VM and takes it from its host",
            {},
            action_command,
            {schedule_options, wait_options}},
    Command{"suspend",
            many,
            "Saves the VM on its host",
            {},
            action_command,
            {schedule_options, wait_options}},
    Command{"resume",
            many,
            "Starts a VM that is stopped, suspended, powered off, undeployed or unknown",
            {},
            action_command,
            {schedule_options, wait_options}},
    Command{"resched", many, "Asks the scheduler to move the VM", {}, action_command},
    Command{"unresched", many, "Takes that back", {}, action_command},
    Command{"deploy",
            "<range|vmid_list> <hostid> [datastoreid]",
            "Deploys the VM on a host",
            {},
            deploy_command,
            {deploy_options, wait_options}},
    Command{"migrate",
            "<range|vmid_list> <hostid> [datastoreid]",
            "Moves the VM to another host",
            {},
            migrate_command,
            {migrate_options, wait_options}},
    Command{"recover",
            many,
            "Leads a stuck VM out of its state",
            {},
            recover_command,
            {recover_options}},
    Command{"resize",
            "<vmid>",
            "Changes CPU, VCPU and MEMORY",
            {},
            resize_command,
            {resize_options, wait_options}},
    Command{
        "disk-attach", "<vmid>", "Attaches a disk", {}, attach_disk, {disk_options, wait_options}},
    Command{
        "disk-detach", "<vmid> <diskid>", "Detaches a disk", {"detach", "# $1i", "Detaching disk"}},
    Command{"disk-saveas",
            "<vmid> <diskid> <img_name>",
            "Saves a disk as a new image",
            {},
            save_disk,
            {save_disk_options}},
    Command{"disk-resize",
            "<vmid> <diskid> <size>",
            "Makes a disk larger",
            {"diskresize", "# $1i $2", "resizing disk"}},
    Command{"disk-snapshot-create",
            "<vmid> <diskid> <name>",
            "Takes a snapshot of a disk",
            {},
            snapshot_command,
            {schedule_options, wait_options}},
    Command{"disk-snapshot-revert",
            "<vmid> <diskid> <disk_snapshot_id>",
            "Reverts a disk to a snapshot",
            {},
            snapshot_command,
            {schedule_options, wait_options}},
    Command{"disk-snapshot-delete",
            "<vmid> <diskid> <disk_snapshot_id>",
            "Deletes a snapshot of a disk",
            {},
            snapshot_command,
            {schedule_options, wait_options}},
    Command{"disk-snapshot-rename",
            "<vmid> <diskid> <disk_snapshot_id> <new_snapshot_name>",
            "Renames a snapshot of a disk",
            {"disksnapshotrename", "# $1i $2i $3", "disk snapshot rename"}},
    Command{"disk-snapshot-list",
            "<vmid> <diskid>",
            "Lists the snapshots of a disk",
            {},
            disk_snapshot_list},
    Command{"snapshot-create",
            "<range|vmid_list> [name]",
            "Takes a snapshot of the VM",
            {},
            snapshot_command,
            {schedule_options, wait_options}},
    Command{"snapshot-revert",
            "<vmid> <snapshot_id>",
            "Reverts the VM to a snapshot",
            {},
            snapshot_command,
            {schedule_options, wait_options}},
    Command{"snapshot-delete",
            "<vmid> <snapshot_id>",
            "Deletes a snapshot of the VM",
            {},
            snapshot_command,
            {schedule_options, wait_options}},
    Command{"snapshot-list", "<vmid>", "Lists the snapshots of the VM", {}, snapshot_list},
    Command{"nic-attach", "<vmid>", "Attaches a NIC", {}, attach_nic, {nic_options, wait_options}},
    Command{
        "nic-detach", "<vmid> <nicid>", "Detaches a NIC", {"detachnic", "# $1i", "Detaching NIC"}},
    Command{
        "nic-update", "<vmid> <nicid> [file]", "Changes a NIC", {}, update_nic, {append_options}},
    Command{"sg-attach",
            "<vmid> <nicid> <sgid>",
            "Adds a security group to a NIC",
            {"attachsg", "# $1i $2i", "Attaching SG"}},
    Command{"sg-detach",
            "<vmid> <nicid> <sgid>",
            "Takes a security group from a NIC",
            {"detachsg", "# $1i $2i", "Detaching SG"}},
    Command{"pci-attach",
            "<vmid>",
            "Attaches a PCI device",
            {},
            attach_pci,
            {pci_options, wait_options}},
    Command{"pci-detach",
            "<vmid> <pciid>",
            "Detaches a PCI device",
            {"detachpci", "# $1i", "Detaching PCI"}},
    Command{"save",
            "<vmid> <name>",
            "Saves the VM as a template with its disks as images",
            {},
            save_vm,
            {save_options}},
    Command{"updateconf",
            "<vmid> [file]",
            "Changes the configuration of the VM",
            {},
            update_configuration,
            {append_options}},
    Command{"backupmode", "<vmid> <mode>", "Sets the backup mode", {}, backup_mode},
    Command{"backup",
            "<vmid>",
            "Makes a backup",
            {},
            backup_vm,
            {backup_options, schedule_options, wait_options}},
    Command{"backup-cancel", "<vmid>", "Cancels the backup that runs", {}, cancel_backup},
    Command{"restore",
            "<vmid> <imageid>",
            "Restores disks from a backup",
            {},
            restore_vm,
            {restore_options}},
    Command{"exec",
            "<range|vmid_list> <cmd>",
            "Runs a command in the guest",
            {},
            execute_in_guest,
            {execute_options}},
    Command{"exec-retry",
            many,
            "Runs the last command again",
            {"retryexec", "#", "Retrying the last command"}},
    Command{"exec-cancel",
            many,
            "Cancels the command that runs",
            {"cancelexec", "#", "Cancelling the last command"}},
    Command{"sched-delete", "<vmid> <sched_id>", "Deletes a scheduled action", {}, delete_schedule},
    Command{"sched-update",
            "<vmid> <sched_id> [file]",
            "Changes a scheduled action",
            {},
            update_schedule},
    Command{"delete-chart", "<vmid> <sched_id>", "Deletes a scheduled action", {}, delete_schedule},
    Command{"update-chart",
            "<vmid> <sched_id> [file]",
            "Changes a scheduled action",
            {},
            update_schedule},
    Command{"vmgroup-add",
            "<vmid> <vmgroupid> <role>",
            "Puts the VM in a role of a VM group",
            {"vmgroupadd", "# $1 $2", "VM added to group"}},
    Command{"vmgroup-del",
            "<vmid>",
            "Takes the VM out of its VM group",
            {"vmgroupdel", "#", "VM removed from group"}},
    Command{"ssh",
            "<vmid> [login]",
            "Opens an SSH session in the guest",
            {},
            ssh_command,
            {ssh_options}},
};

}  // namespace

Tool vm_tool() {
  return {.name = "onevm",
          .pool = "vm",
          .id_name = "vmid",
          .noun = "VM",
          .common = common_owned | common_lock | common_top,
          .commands = commands,
          .list = &layout,
          .show = show_vm,
          .list_options = list_group,
          .show_options = show_group};
}

}  // namespace nubo::cli
