// SPDX-License-Identifier: Apache-2.0
// History record: one stay of a VM on a host (sheet vm-lifecycle.md §4). Times are 0 until reached.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "model/owned.h"
#include "text/fields.h"

namespace nubo {

/// Codes of what ended, or is ending, a record (vm-lifecycle.md §4).
enum class VmAction : int {
  none = 0,
  migrate = 1,
  live_migrate = 2,
  undeploy = 5,
  undeploy_hard = 6,
  hold = 7,
  release = 8,
  stop = 9,
  suspend = 10,
  resume = 11,
  destroy = 13,
  destroy_recreate = 14,
  reboot = 15,
  reboot_hard = 16,
  resched = 17,
  unresched = 18,
  poweroff = 19,
  poweroff_hard = 20,
  disk_attach = 21,
  disk_detach = 22,
  nic_attach = 23,
  nic_detach = 24,
  disk_snapshot_create = 25,
  disk_snapshot_delete = 26,
  terminate = 27,
  terminate_hard = 28,
  disk_resize = 29,
  deploy = 30,
  chown = 31,
  chmod = 32,
  updateconf = 33,
  rename = 34,
  resize = 35,
  update = 36,
  snapshot_create = 37,
  snapshot_delete = 38,
  snapshot_revert = 39,
  disk_saveas = 40,
  disk_snapshot_revert = 41,
  recover = 42,
  retry = 43,
  monitor = 44,
  disk_snapshot_rename = 45,
  alias_attach = 46,
  alias_detach = 47,
  poweroff_migrate = 48,
  poweroff_hard_migrate = 49,
  backup = 50,
  nic_update = 51,
  backup_cancel = 52,
  sched_add = 53,
  sched_update = 54,
  sched_delete = 55,
  sg_attach = 56,
  sg_detach = 57,
  pci_attach = 58,
  pci_detach = 59,
  restore = 60,
  exec = 61,
  exec_retry = 62,
  exec_cancel = 63,
  vmgroup_add = 64,
  vmgroup_del = 65,
};

struct History {
  VmId vm;
  int sequence = 0;
  std::string hostname;
  HostId host_id;
  ClusterId cluster_id;
  EpochSeconds start_time{};
  EpochSeconds end_time{};
  std::string vm_mad;
  std::string tm_mad;
  DatastoreId datastore_id;
  int plan_id = -2;  // -2 by hand, -1 placed by the scheduler
  int plan_action_id = -1;
  EpochSeconds prolog_start{};
  EpochSeconds prolog_end{};
  EpochSeconds running_start{};
  EpochSeconds running_end{};
  EpochSeconds epilog_start{};
  EpochSeconds epilog_end{};
  VmAction action = VmAction::none;
  UserId uid;
  GroupId gid;
  int request_id = -1;
  bool keeps_snapshots = false;  // the hypervisor's driver does, when a guest leaves

  bool operator==(const History&) const = default;

  template <class S = History>
  static constexpr auto fields() {
    return std::tuple{Field{"OID", &S::vm},
                      Field{"SEQ", &S::sequence},
                      Field{"HOSTNAME", &S::hostname},
                      Field{"HID", &S::host_id},
                      Field{"CID", &S::cluster_id},
                      Field{"STIME", &S::start_time},
                      Field{"ETIME", &S::end_time},
                      Field{"VM_MAD", &S::vm_mad, cdata},
                      Field{"TM_MAD", &S::tm_mad, cdata},
                      Field{"DS_ID", &S::datastore_id},
                      Field{"PLAN_ID", &S::plan_id},
                      Field{"ACTION_ID", &S::plan_action_id},
                      Field{"PSTIME", &S::prolog_start},
                      Field{"PETIME", &S::prolog_end},
                      Field{"RSTIME", &S::running_start},
                      Field{"RETIME", &S::running_end},
                      Field{"ESTIME", &S::epilog_start},
                      Field{"EETIME", &S::epilog_end},
                      Field{"ACTION", &S::action},
                      Field{"UID", &S::uid},
                      Field{"GID", &S::gid},
                      Field{"REQUEST_ID", &S::request_id},
                      Field{"KEEPS_SNAPSHOTS", &S::keeps_snapshots, stored_only}};
  }
};

/// The records of a VM, oldest first.
struct HistoryRecords {
  std::vector<History> list;

  bool operator==(const HistoryRecords&) const = default;
};

void write_field(XmlWriter& out, std::string_view name, const HistoryRecords& records,
                 unsigned flags);
void read_field(const XmlNode& element, HistoryRecords& records);

}  // namespace nubo
