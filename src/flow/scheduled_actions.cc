// SPDX-License-Identifier: Apache-2.0
#include "flow/scheduled_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <set>
#include <vector>

#include "base/dates.h"
#include "base/lists.h"
#include "flow/disk_snapshots.h"
#include "flow/system_snapshots.h"
#include "flow/vm_step.h"

namespace nubo {
namespace {

using std::chrono::days;
using std::chrono::hours;

// --- what can be done ---------------------------------------------------------------------------

struct Call {
  Draft& draft;
  ChangeOrder order;
  std::vector<std::string> arguments;
  const VmSettings& settings;

  Result<int> number(std::size_t place) const {
    const auto value =
        place < arguments.size() ? parse_number<int>(arguments[place]) : std::nullopt;
    if (!value) return fail(Code::action, "Missing or malformed ARGS for scheduled action.");
    return *value;
  }

  std::string text(std::size_t place) const {
    return place < arguments.size() ? arguments[place] : "";
  }
};

using Carry = Status (*)(const Call&);

template <VmEvent event>
Status act(const Call& call) {
  return step(call.draft, call.order.vm, event, call.order.caller);
}

Status make_snapshot(const Call& call) {
  NUBO_CHECK(create_snapshot(call.draft, call.order, call.text(0), call.settings));
  return ok();
}

template <Status (*change)(Draft&, const ChangeOrder&, int)>
Status with_snapshot(const Call& call) {
  NUBO_TRY(const int id, call.number(0));
  return change(call.draft, call.order, id);
}

Status make_disk_snapshot(const Call& call) {
  NUBO_TRY(const int disk, call.number(0));
  NUBO_CHECK(create_disk_snapshot(call.draft, call.order, disk, call.text(1)));
  return ok();
}

template <Status (*change)(Draft&, const DiskSnapshotOrder&)>
Status with_disk_snapshot(const Call& call) {
  NUBO_TRY(const int disk, call.number(0));
  NUBO_TRY(const int snapshot, call.number(1));
  return change(call.draft, {.change = call.order, .disk = disk, .snapshot = snapshot});
}

Status no_backup(const Call&) {
  return fail(Code::action, "Backups are not available: no backup driver is installed");
}

struct ActionRow {
  std::string_view name;
  Carry carry;
};

constexpr std::array rows{
    ActionRow{"terminate", act<VmEvent::terminate>},
    ActionRow{"terminate-hard", act<VmEvent::terminate_hard>},
    ActionRow{"undeploy", act<VmEvent::undeploy>},
    ActionRow{"undeploy-hard", act<VmEvent::undeploy_hard>},
    ActionRow{"hold", act<VmEvent::hold>},
    ActionRow{"release", act<VmEvent::release>},
    ActionRow{"stop", act<VmEvent::stop>},
    ActionRow{"suspend", act<VmEvent::suspend>},
    ActionRow{"resume", act<VmEvent::resume>},
    ActionRow{"reboot", act<VmEvent::reboot>},
    ActionRow{"reboot-hard", act<VmEvent::reboot_hard>},
    ActionRow{"poweroff", act<VmEvent::poweroff>},
    ActionRow{"poweroff-hard", act<VmEvent::poweroff_hard>},
    ActionRow{"snapshot-create", make_snapshot},
    ActionRow{"snapshot-revert", with_snapshot<revert_snapshot>},
    ActionRow{"snapshot-delete", with_snapshot<delete_snapshot>},
    ActionRow{"disk-snapshot-create", make_disk_snapshot},
    ActionRow{"disk-snapshot-revert", with_disk_snapshot<revert_disk_snapshot>},
    ActionRow{"disk-snapshot-delete", with_disk_snapshot<delete_disk_snapshot>},
    ActionRow{"backup", no_backup},
};

const ActionRow* row_named(std::string_view name) {
  const auto row = std::ranges::find(rows, name, &ActionRow::name);
  return row == rows.end() ? nullptr : &*row;
}

std::vector<std::string> words_of(const std::string& list) {
  const auto words = split(list);
  return {words.begin(), words.end()};
}

// --- time ---------------------------------------------------------------------------------------

std::tm local_time(EpochSeconds time) {
  const std::time_t seconds = time.count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local;
}

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_of_month(int month, int year) {
  constexpr std::array lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 1 && is_leap(year) ? 29 : lengths[static_cast<std::size_t>(month)];
}

/// Where in its week, month or year a day is, and how long that is.
struct Place {
  int day;
  int length;
};

Place place_of(RepeatUnit repeat, EpochSeconds time) {
  const std::tm local = local_time(time);
  const int year = local.tm_year + 1900;
  if (repeat == RepeatUnit::weekly) return {local.tm_wday, 7};
  if (repeat == RepeatUnit::monthly) return {local.tm_mday, days_of_month(local.tm_mon, year)};
  return {local.tm_yday, is_leap(year) ? 366 : 365};
}

/// Days until the next listed one: later in this period, else the first in the next.
std::optional<int> days_until_next(const ScheduledAction& action, EpochSeconds from) {
  std::set<int> listed;
  for (const auto day : listed_days(action)) {
    if (day) listed.insert(*day);
  }
  if (listed.empty()) return {};
  const Place place = place_of(action.repeat, from);
  const auto later = listed.upper_bound(place.day);
  return later != listed.end() ? *later - place.day : place.length - place.day + *listed.begin();
}

std::optional<EpochSeconds> following(const ScheduledAction& action, EpochSeconds now) {
  if (action.repeat == RepeatUnit::none) return {};
  if (action.repeat != RepeatUnit::hourly) {
    EpochSeconds next = action.time;
    while (next <= now || next == action.time) {  // days that were missed are not made up for
      const auto wait = days_until_next(action, next);
      if (!wait) return {};
      next += days{*wait};
    }
    return next;
  }
  const auto each = parse_number<int>(action.days).value_or(0);
  if (each < 1) return {};
  const EpochSeconds period = hours{each};
  if (action.time >= now) return action.time + period;
  return action.time + period * ((now - action.time) / period + 1);
}

/// The actions of a VM, by the one who asks.
Result<ScheduledAction*> find_action(Draft& draft, VmId vm, ScheduledActionId id) {
  NUBO_TRY(const Vm* const owner, draft.get<Vm>(vm));
  if (!owner->scheduled_actions.contains(id)) {
    return no_such(names_of(ObjectType::scheduled_action).message, id.value);
  }
  return draft.edit<ScheduledAction>(id);
}

Status take_keys(ScheduledAction& action, const Vector& keys, EpochSeconds start) {
  NUBO_CHECK(apply_keys(action, keys, start));
  if (action.action.empty()) {
    return fail(Code::action, "No ACTION in template for Scheduled Action.");
  }
  if (!row_named(action.action)) return fail(Code::action, "{} is not supported.", action.action);
  return ok();
}

}  // namespace

Result<ScheduledActionId> add_scheduled_action(Draft& draft, VmId vm_id, const Vector& keys) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(vm_id));
  ScheduledAction action;
  action.parent_id = vm_id.value;
  NUBO_CHECK(take_keys(action, keys, vm->start_time));
  NUBO_TRY(const ScheduledActionId id, draft.insert(std::move(action)));
  vm->scheduled_actions.insert(id);
  return id;
}

Status adopt_scheduled_actions(Draft& draft, Vm& vm, std::vector<Attribute> given) {
  for (const Attribute& each : given) {
    if (!each.vector()) continue;
    const auto added = add_scheduled_action(draft, vm.id, *each.vector());
    if (!added) return fail(Code::internal, "{}", added.error().message);
  }
  return ok();
}

Status update_scheduled_action(Draft& draft, VmId vm_id, ScheduledActionId id, const Vector& keys) {
  NUBO_TRY(const Vm* const vm, draft.get<Vm>(vm_id));
  const auto action = find_action(draft, vm_id, id);
  if (!action) return fail(Code::internal, "SCHED_ACTION with id = {} doesn't exist", id);
  auto changed = take_keys(**action, keys, vm->start_time);
  if (!changed) changed.error().code = Code::internal;
  return changed;
}

Status delete_scheduled_action(Draft& draft, VmId vm_id, ScheduledActionId id) {
  NUBO_CHECK(find_action(draft, vm_id, id));
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(vm_id));
  vm->scheduled_actions.erase(id);
  draft.erase<ScheduledAction>(id);
  return ok();
}

void drop_scheduled_actions(Draft& draft, Vm& vm) {
  for (const ScheduledActionId id : vm.scheduled_actions) draft.erase<ScheduledAction>(id);
  vm.scheduled_actions.clear();
}

std::optional<EpochSeconds> next_time(const ScheduledAction& action, EpochSeconds now) {
  const auto next = following(action, now);
  if (!next) return {};
  if (action.end_type == RepeatEnd::after_times && action.end_value <= 1) return {};
  if (action.end_type == RepeatEnd::at_date && next->count() > action.end_value) return {};
  return next;
}

bool is_due(const ScheduledAction& action, EpochSeconds now) {
  return action.parent_type == ScheduledAction::of_vm && action.time <= now &&
         action.time > action.done;
}

Status run_scheduled_action(Draft& draft, ScheduledActionId id, const VmSettings& settings) {
  const ScheduledAction* found = draft.find<ScheduledAction>(id);
  if (!found || !is_due(*found, draft.now())) return ok();
  const ScheduledAction action = *found;
  const ActionRow* row = row_named(action.action);
  if (!row) return fail(Code::action, "{} is not supported.", action.action);
  const Caller oneadmin{UserId{0}, GroupId{0}, -1};
  NUBO_CHECK(row->carry(
      {draft, {VmId{action.parent_id}, oneadmin}, words_of(action.arguments), settings}));
  // The VM may be over, and its actions with it.
  const auto left = draft.edit<ScheduledAction>(id);
  if (!left) return ok();
  ScheduledAction& done = **left;
  done.done = draft.now();
  done.message.clear();
  const auto next = next_time(action, draft.now());
  const bool counts = done.repeat != RepeatUnit::none && done.end_type == RepeatEnd::after_times;
  if (counts && done.end_value > 0) --done.end_value;
  if (!next) return ok();
  done.time = *next;
  done.warning = {};
  return ok();
}

Status note_action_failure(Draft& draft, ScheduledActionId id, const std::string& error) {
  const auto action = draft.edit<ScheduledAction>(id);
  if (action) (*action)->message = fmt::format("{} : {}", date_text(draft.now()), error);
  return ok();
}

}  // namespace nubo
