// SPDX-License-Identifier: Apache-2.0
// VmFacts: what a transfer needs to know from the VM document (sheet xml.md). Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nubo::tm {

struct DiskFacts {
  std::string format = "raw";
  std::string file_system;  // of a volatile disk
  std::string grow_to_mb;   // "" when it keeps the size of its image
};

struct VmFacts {
  /// Of an empty text: nothing is known. Code::internal for malformed XML.
  static Result<VmFacts> parse(const std::string& document);

  /// Of an unknown disk: raw, not grown.
  DiskFacts disk(int id) const;

  /// The disks and files of the VM are on a node that is lost (PROLOG_MIGRATE_UNKNOWN and its
  /// failure): nothing can be fetched from there.
  bool source_is_lost() const { return lcm_state == 60 || lcm_state == 61; }

  /// The guest writes to its disks while one of them is copied or changed.
  bool guest_runs_on() const {
    // HOTPLUG_SAVEAS, DISK_SNAPSHOT, DISK_SNAPSHOT_DELETE, DISK_RESIZE
    return lcm_state == 26 || lcm_state == 57 || lcm_state == 59 || lcm_state == 62;
  }

  int lcm_state = 0;
  std::map<int, DiskFacts> disks;
  std::set<std::string> disk_tms;  // the transfer managers of its disks
};

}  // namespace nubo::tm
