// SPDX-License-Identifier: Apache-2.0
// What onevm does to machines: life cycle, disks, NICs, snapshots, backups.
#pragma once

#include "cli/run.h"

namespace nubo::cli {

/// The action that the command is named after, with --hard, --schedule and --wait.
Result<int> action_command(Run& run);
Result<int> deploy_command(Run& run);
Result<int> migrate_command(Run& run);
Result<int> recover_command(Run& run);
Result<int> resize_command(Run& run);
Result<int> snapshot_command(Run& run);

OptionGroup hard_options();
OptionGroup deploy_options();
OptionGroup migrate_options();
OptionGroup recover_options();
OptionGroup resize_options();

// vm_devices.cc
Result<int> attach_disk(Run& run);
Result<int> attach_nic(Run& run);
Result<int> attach_pci(Run& run);
Result<int> update_nic(Run& run);
Result<int> save_disk(Run& run);
OptionGroup disk_options();
OptionGroup nic_options();
OptionGroup pci_options();
OptionGroup save_disk_options();

// vm_extra.cc
Result<int> update_configuration(Run& run);
Result<int> backup_mode(Run& run);
Result<int> backup_vm(Run& run);
Result<int> cancel_backup(Run& run);
Result<int> restore_vm(Run& run);
Result<int> delete_schedule(Run& run);
Result<int> update_schedule(Run& run);
Result<int> execute_in_guest(Run& run);
Result<int> save_vm(Run& run);
Result<int> ssh_command(Run& run);
OptionGroup backup_options();
OptionGroup restore_options();
OptionGroup execute_options();
OptionGroup ssh_options();
OptionGroup save_options();

}  // namespace nubo::cli
