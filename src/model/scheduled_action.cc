// SPDX-License-Identifier: Apache-2.0
#include "model/scheduled_action.h"

#include <algorithm>
#include <array>

#include "base/lists.h"

namespace nubo {
namespace {

struct DayRange {
  int first;
  int last;
  const char* what;
};

// Indexed by RepeatUnit.
constexpr std::array day_ranges{DayRange{0, 6, "Days in a week have to be in [0,6] range"},
                                DayRange{1, 31, "Days in a month have to be in [1,31] range"},
                                DayRange{0, 365, "Days in a year have to be in [0,365] range"},
                                DayRange{1, 167, "Hours have to be one number in [1,167] range"}};

Result<EpochSeconds> time_in(const std::string& text, std::optional<EpochSeconds> origin) {
  const bool is_relative = text.starts_with('+');
  const auto seconds = parse_number<long long>(std::string_view(text).substr(is_relative ? 1 : 0));
  if (!seconds || *seconds < 0 || (is_relative && !origin)) {
    return fail(Code::action, "Unable to parse the time value or value is empty: {}", text);
  }
  return EpochSeconds(*seconds) + (is_relative ? *origin : EpochSeconds{});
}

Status check_days(const ScheduledAction& action) {
  if (action.repeat == RepeatUnit::none) return ok();
  if (action.days.empty()) return fail(Code::action, "Repeat set, but DAYS are empty");
  const DayRange& range = day_ranges.at(static_cast<std::size_t>(action.repeat));
  const auto days = listed_days(action);
  const auto is_within = [&range](std::optional<int> day) {
    return day && *day >= range.first && *day <= range.last;
  };
  const bool is_one = action.repeat == RepeatUnit::hourly;
  if (std::ranges::all_of(days, is_within) && (!is_one || days.size() == 1)) return ok();
  return fail(Code::action, "{}", range.what);
}

Status apply_repeat(ScheduledAction& action, const Vector& keys) {
  if (keys.contains("REPEAT")) {
    const int unit = keys.number<int>("REPEAT").value_or(-2);
    if (unit < -1 || unit > static_cast<int>(RepeatUnit::hourly)) {
      return fail(Code::action, "Wrong REPEAT value: {}", keys.get("REPEAT"));
    }
    action.repeat = static_cast<RepeatUnit>(unit);
  }
  if (keys.contains("DAYS")) action.days = keys.get("DAYS");
  return check_days(action);
}

Status apply_end(ScheduledAction& action, const Vector& keys) {
  if (keys.contains("END_TYPE")) {
    const int type = keys.number<int>("END_TYPE").value_or(-2);
    if (type < -1 || type > static_cast<int>(RepeatEnd::at_date)) {
      return fail(Code::action, "Wrong END_TYPE value: {}", keys.get("END_TYPE"));
    }
    action.end_type = static_cast<RepeatEnd>(type);
  }
  if (!keys.contains("END_VALUE")) return ok();
  const auto value = keys.number<long long>("END_VALUE");
  if (!value) return fail(Code::action, "Wrong END_VALUE value: {}", keys.get("END_VALUE"));
  action.end_value = *value;
  return ok();
}

}  // namespace

std::vector<std::optional<int>> listed_days(const ScheduledAction& action) {
  std::vector<std::optional<int>> days;
  for (const std::string_view word : split(action.days)) {
    days.push_back(parse_number<int>(word));
  }
  return days;
}

Status apply_keys(ScheduledAction& action, const Vector& keys, std::optional<EpochSeconds> origin) {
  constexpr EpochSeconds none{};
  if (keys.contains("TIME") || action.time == none) {
    NUBO_TRY(action.time, time_in(keys.get("TIME"), origin));
  }
  if (!keys.get("WARNING").empty()) {
    NUBO_TRY(action.warning, time_in(keys.get("WARNING"), origin));
  }
  if (keys.contains("ACTION")) action.action = keys.get("ACTION");
  if (keys.contains("ARGS")) action.arguments = keys.get("ARGS");
  NUBO_CHECK(apply_repeat(action, keys));
  return apply_end(action, keys);
}

}  // namespace nubo
