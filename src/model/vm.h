// SPDX-License-Identifier: Apache-2.0
// Virtual machine (sheets xml.md §3.1, vm-lifecycle.md). `system` is what the VM runs with (CPU,
// DISK, NIC, CONTEXT …), `user` what its owner added; both are templates, since disks and NICs
// carry inherited attributes of any name.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "model/history.h"
#include "model/object_type.h"
#include "model/owned.h"
#include "model/vm_states.h"

namespace nubo {

struct VmBackups {
  Template config;
  IdSet<ImageTag> ids;

  bool operator==(const VmBackups&) const = default;

  template <class S = VmBackups>
  static constexpr auto fields() {
    return std::tuple{Field{"BACKUP_CONFIG", &S::config, self_closed},
                      Field{"BACKUP_IDS", &S::ids}};
  }
};

struct Vm : Owned {
  static constexpr ObjectType type = ObjectType::vm;
  static constexpr const char* root = "VM";
  static constexpr const char* pool_root = "VM_POOL";
  static constexpr const char* table = "vm_pool";

  VmId id;
  EpochSeconds last_poll{};  // filled for vm.info only
  VmState state = VmState::init;
  LcmState lcm_state = LcmState::lcm_init;
  bool resched = false;
  EpochSeconds start_time{};
  EpochSeconds end_time{};
  std::string deploy_id;
  Template monitoring;  // filled for vm.info only
  IdSet<ScheduledActionTag> scheduled_actions;
  Template system;
  PackedTemplate user;
  HistoryRecords history;
  std::vector<Template> snapshots;  // one per disk that has some
  VmBackups backups;
  int spent_disk_id = -1;  // the highest of a disk that may have left a file behind

  bool operator==(const Vm&) const = default;

  StatePair states() const { return {state, lcm_state}; }

  void set_states(StatePair pair) {
    state = pair.vm;
    lcm_state = pair.lcm;
  }

  /// The newest record, or nullptr before the first deployment; the one before it likewise.
  const History* current() const { return history.list.empty() ? nullptr : &history.list.back(); }

  History* current() { return history.list.empty() ? nullptr : &history.list.back(); }

  History* previous() {
    return history.list.size() < 2 ? nullptr : &history.list[history.list.size() - 2];
  }

  const History* previous() const {
    return history.list.size() < 2 ? nullptr : &history.list[history.list.size() - 2];
  }

  template <class S = Vm>
  static constexpr auto fields() {
    return std::tuple_cat(
        owner_fields<S>(),
        std::tuple{Field{"PERMISSIONS", &S::permissions}, Field{"LAST_POLL", &S::last_poll},
                   Field{"STATE", &S::state}, Field{"LCM_STATE", &S::lcm_state},
                   Field{"PREV_STATE", &S::state},  // equal in all stored documents
                   Field{"PREV_LCM_STATE", &S::lcm_state}, Field{"RESCHED", &S::resched},
                   Field{"STIME", &S::start_time}, Field{"ETIME", &S::end_time},
                   Field{"DEPLOY_ID", &S::deploy_id}, Field{"LOCK", &S::lock},
                   Field{"MONITORING", &S::monitoring},
                   Field{"SCHED_ACTIONS", &S::scheduled_actions}, Field{"TEMPLATE", &S::system},
                   Field{"USER_TEMPLATE", &S::user}, Field{"HISTORY_RECORDS", &S::history},
                   Field{"SNAPSHOTS", &S::snapshots}, Field{"BACKUPS", &S::backups},
                   Field{"SPENT_DISK_ID", &S::spent_disk_id, stored_only}});
  }
};

/// CPU in hundredths of a core and memory in KB, as charged on the host (vm-lifecycle.md §6.1).
struct Capacity {
  long long cpu = 0;
  long long memory = 0;
};

Capacity capacity_of(const Vm& vm);

/// The document of vmpool.info (xml.md §3.1, "short form").
std::string short_document(const Vm& vm);

/// The document of vmpool.infoextended: the full form with the last history record only.
std::string pool_document(const Vm& vm);

}  // namespace nubo
