// SPDX-License-Identifier: Apache-2.0
// Scheduled action: what is to be done to a VM or by a backup job at some time, maybe again and
// again (sheets xml.md §3.1, vm-lifecycle.md §8). Ids are counted over all parents.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "model/object_type.h"
#include "text/fields.h"

namespace nubo {

enum class RepeatUnit { none = -1, weekly = 0, monthly = 1, yearly = 2, hourly = 3 };

enum class RepeatEnd { none = -1, never = 0, after_times = 1, at_date = 2 };

struct ScheduledAction {
  static constexpr ObjectType type = ObjectType::scheduled_action;
  static constexpr const char* root = "SCHED_ACTION";
  static constexpr const char* pool_root = "SCHED_ACTION_POOL";
  static constexpr const char* table = "schedaction_pool";
  static constexpr const char* of_vm = "VM";
  static constexpr const char* of_backup_job = "BACKUPJOB";

  ScheduledActionId id;
  int parent_id = -1;
  std::string parent_type = of_vm;
  std::string action;
  std::string arguments;
  EpochSeconds time{};
  RepeatUnit repeat = RepeatUnit::none;
  std::string days;
  RepeatEnd end_type = RepeatEnd::none;
  long long end_value = -1;
  EpochSeconds done{-1};
  std::string message;
  EpochSeconds warning{};  // when to warn; 0: never

  bool operator==(const ScheduledAction&) const = default;

  template <class S = ScheduledAction>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id},
                      Field{"PARENT_ID", &S::parent_id},
                      Field{"TYPE", &S::parent_type},
                      Field{"ACTION", &S::action},
                      Field{"ARGS", &S::arguments},
                      Field{"TIME", &S::time},
                      Field{"REPEAT", &S::repeat},
                      Field{"DAYS", &S::days},
                      Field{"END_TYPE", &S::end_type},
                      Field{"END_VALUE", &S::end_value},
                      Field{"DONE", &S::done},
                      Field{"MESSAGE", &S::message},
                      Field{"WARNING", &S::warning}};
  }
};

/// The days or hours it repeats on; nothing for a word that is no number.
std::vector<std::optional<int>> listed_days(const ScheduledAction& action);

/// Takes the keys of a SCHED_ACTION vector over; those that are left out stay. TIME and WARNING may
/// be "+seconds" behind `origin` where there is one. Code::action naming the key that is wrong.
Status apply_keys(ScheduledAction& action, const Vector& keys,
                  std::optional<EpochSeconds> origin = {});

}  // namespace nubo
