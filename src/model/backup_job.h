// SPDX-License-Identifier: Apache-2.0
// Backup job: VMs that are backed up together, and how far the running round has come (sheets
// xml.md §3.4, objects.md §9.3).
#pragma once

#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

struct BackupJob : Owned {
  static constexpr ObjectType type = ObjectType::backup_job;
  static constexpr const char* root = "BACKUPJOB";
  static constexpr const char* pool_root = "BACKUPJOB_POOL";
  static constexpr const char* table = "backupjob_pool";

  BackupJobId id;
  int priority = 50;
  EpochSeconds last_time{};
  EpochSeconds last_duration{};
  IdSet<ScheduledActionTag> scheduled_actions;
  IdSet<VmTag> updated_vms;   // done in this round
  IdSet<VmTag> outdated_vms;  // still to do
  IdSet<VmTag> backing_up_vms;
  IdSet<VmTag> error_vms;
  Template attributes;

  bool operator==(const BackupJob&) const = default;

  template <class S = BackupJob>
  static constexpr auto fields() {
    return std::tuple_cat(
        owner_fields<S>(), lock_and_permission_fields<S>(),
        std::tuple{Field{"PRIORITY", &S::priority}, Field{"LAST_BACKUP_TIME", &S::last_time},
                   Field{"LAST_BACKUP_DURATION", &S::last_duration},
                   Field{"SCHED_ACTIONS", &S::scheduled_actions},
                   Field{"UPDATED_VMS", &S::updated_vms}, Field{"OUTDATED_VMS", &S::outdated_vms},
                   Field{"BACKING_UP_VMS", &S::backing_up_vms}, Field{"ERROR_VMS", &S::error_vms},
                   Field{"TEMPLATE", &S::attributes}});
  }
};

}  // namespace nubo
