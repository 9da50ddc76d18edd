// SPDX-License-Identifier: Apache-2.0
#include "cli/schedule.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array group{
    Option{"schedule", 0, Takes::text, "TIME",
           "Schedule the action: now, +seconds, or a date as 2030-01-02 03:04"},
    Option{"weekly", 0, Takes::text, "days", "Repeat on these days of the week (0 Sunday - 6)"},
    Option{"monthly", 0, Takes::text, "days", "Repeat on these days of the month (1 - 31)"},
    Option{"yearly", 0, Takes::text, "days", "Repeat on these days of the year (0 - 365)"},
    Option{"hourly", 0, Takes::text, "hour", "Repeat each so many hours"},
    Option{"end", 0, Takes::text, "number|TIME", "End after so many times, or at a date"},
};

constexpr std::array periods{"weekly", "monthly", "yearly", "hourly"};

constexpr std::array date_formats{
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",          "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",    "%Y/%m/%d",
    "%m/%d/%Y %H:%M",    "%m/%d/%Y",          "%d %b %Y",
};

long long local_epoch(std::tm& time) {
  time.tm_isdst = -1;
  return std::mktime(&time);
}

// Days alone count within what is now: two digits a day of the month, three a day of the year.
std::optional<long long> short_date(const std::string& text, long long now) {
  const std::optional<int> day = parse_number<int>(text);
  if (!day || *day < 1) return {};
  const std::time_t start = now;
  std::tm time{};
  localtime_r(&start, &time);
  time.tm_hour = time.tm_min = time.tm_sec = 0;
  if (text.size() == 2 && *day <= 31) {
    time.tm_mday = *day;
  } else if (text.size() == 3 && *day <= 366) {
    time.tm_mon = 0;
    time.tm_mday = *day;
  } else {
    return {};
  }
  return local_epoch(time);
}

Result<std::string> start_time(const std::string& text, long long now) {
  if (text.starts_with('+')) return text;
  if (text == "now") return std::to_string(now);
  const std::optional<long long> date = parse_date(text, now);
  if (!date) return fail(Code::api, "Error parsing time spec: {}", text);
  return std::to_string(*date);
}

std::string repetition(const Run& run) {
  const Options& options = run.options;
  std::string text;
  for (std::size_t i = 0; i < periods.size() && text.empty(); ++i) {
    if (options.has(periods[i]))
      text = fmt::format(", REPEAT = {}, DAYS = {}", i, quoted(options.get(periods[i])));
  }
  if (text.empty()) return "";
  if (!options.has("end")) return text + ", END_TYPE = 0";
  const std::string end = options.get("end");
  if (const std::optional<long long> date = parse_date(end, run.shell.now())) {
    return text + fmt::format(", END_TYPE = 2, END_VALUE = {}", *date);
  }
  const std::optional<int> count = parse_number<int>(end);
  return count && *count > 0 ? text + fmt::format(", END_TYPE = 1, END_VALUE = {}", *count) : text;
}

std::string remaining(long long seconds) {
  const double days = static_cast<double>(seconds) / 86400;
  const double hours = static_cast<double>(seconds) / 3600;
  const auto shown = [](double value, const char* unit) {
    std::string number = fmt::format("{:.2f}", value);
    while (number.back() == '0' && number[number.size() - 2] != '.') number.pop_back();
    return fmt::format("Next in {} {}", number, unit);
  };
  if (days > 1) return shown(days, "days");
  if (hours > 1) return shown(hours, "hours");
  return shown(static_cast<double>(seconds) / 60, "minutes");
}

std::string repeat_text(const XmlNode& action) {
  const std::string days = action.get("DAYS");
  const std::string kind = action.get("REPEAT");
  if (kind == "0") return "Weekly " + days;
  if (kind == "1") return "Monthly " + days;
  if (kind == "2") return "Yearly " + days;
  if (kind == "3") return fmt::format("Each {} hours", days);
  return "";
}

std::string end_text(const XmlNode& action) {
  const std::string kind = action.get("END_TYPE");
  if (kind == "0") return "None";
  if (kind == "1") return fmt::format("After {} times", action.get("END_VALUE"));
  if (kind == "2") return "On " + format_time(number(action, "END_VALUE"), "%m/%d/%y");
  return "";
}

std::string status_text(const XmlNode& action, long long start, long long now) {
  const long long done = number(action, "DONE");
  const bool repeats = !repeat_text(action).empty();
  if (!action.get("MESSAGE").empty()) return "Error! " + action.get("MESSAGE");
  if (done > 0 && !repeats) return "Done on " + format_time(done, "%m/%d %H:%M");
  return start > now ? remaining(start - now) : "Overdue!";
}

}  // namespace

OptionGroup schedule_options() { return group; }

std::optional<long long> parse_date(const std::string& text, long long now) {
  for (const char* format : date_formats) {
    std::tm time{};
    const char* end = strptime(text.c_str(), format, &time);
    if (end && *end == 0) return local_epoch(time);
  }
  return short_date(text, now);
}

Status add_schedule(Run& run, int id, const std::string& action, const std::string& args) {
  NUBO_TRY(const std::string time, start_time(run.options.get("schedule"), run.shell.now()));
  std::string text = "SCHED_ACTION = [";
  if (!action.empty()) text += fmt::format("ACTION  = {}, ", action);
  if (!args.empty()) text += fmt::format("ARGS    = {},", quoted(args));
  text += fmt::format("TIME    = {}{}]", time, repetition(run));
  NUBO_CHECK(run.call("schedadd", {id, text}));
  const std::string shown = action.empty() ? "backup" : action;
  run.line(
      time.starts_with('+')
          ? fmt::format("{} {}: {} scheduled after {}s from start", run.resource(), id, shown, time)
          : fmt::format(
                "{} {}: {} scheduled at {}", run.resource(), id, shown,
                format_time(parse_number<long long>(time).value_or(0), "%Y-%m-%d %H:%M:%S %z")));
  return ok();
}

std::optional<Result<int>> schedule_if_asked(Run& run, const std::string& action,
                                             const std::string& args) {
  if (!run.options.has("schedule")) return {};
  for (const int id : run.targets()) {
    if (const Status added = add_schedule(run, id, action, args); !added)
      return Result<int>(Failure(added.error()));
  }
  return Result<int>(0);
}

void print_schedule(Run& run, Page& page, const XmlNode& object) {
  const std::vector<XmlNode> actions = object.child("TEMPLATE").children("SCHED_ACTION");
  if (actions.empty()) return;
  const long long now = run.shell.now();
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& action : actions) {
    long long start = number(action, "TIME");
    if (action.get("TIME").starts_with('+'))
      start = number(object, "STIME") + leading_int(action.get("TIME").substr(1));
    const long long warning = number(action, "WARNING");
    const bool warned =
        warning > 0 && number(object, "STIME") + warning < now && number(action, "DONE") <= 0;
    const std::string args = action.get("ARGS");
    rows.push_back({(warned ? "*" : "") + action.get("ID"), action.get("ACTION"),
                    args.empty() ? "-" : args, format_time(start, "%m/%d %H:%M"),
                    repeat_text(action), end_text(action), status_text(action, start, now)});
  }
  page.blank();
  page.header("SCHEDULED ACTIONS");
  page.table({{"ID", 5, false, true},
              {"ACTION", 5, false, true},
              {"ARGS", 5, false, true},
              {"SCHEDULED", 5, false, true},
              {"REPEAT", 5, false, true},
              {"END", 5, false, true},
              {"STATUS", 50, true}},
             rows);
}

}  // namespace nubo::cli
