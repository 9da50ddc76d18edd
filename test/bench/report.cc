// SPDX-License-Identifier: Apache-2.0
#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace nubo::bench {
namespace {

std::string shown(double value) {
  if (value >= 1000) return fmt::format("{:.0f}", value);
  if (value >= 10) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

std::string shown(const std::optional<Goal>& goal) {
  if (!goal) return "";
  return (goal->side == Goal::Side::at_most ? "≤ " : "≥ ") + fmt::format("{}", goal->value);
}

}  // namespace

void Report::add(const std::string& daemon, const std::string& name, double value,
                 std::string_view unit, std::optional<Goal> goal) {
  if (std::ranges::find(daemons_, daemon) == daemons_.end()) daemons_.push_back(daemon);
  auto row = std::ranges::find(rows_, name, &Row::name);
  if (row == rows_.end()) {
    row = rows_.insert(rows_.end(),
                       Row{.name = name, .unit = std::string(unit), .goal = goal, .values = {}});
  }
  row->values[daemon] = value;
  fmt::print(stderr, "{:10} {:52} {:>10} {}\n", daemon, name, shown(value), unit);
}

void Report::add_failure(const std::string& daemon, const std::string& text) {
  failures_.push_back(fmt::format("{}: {}", daemon, text));
  fmt::print(stderr, "{}\n", failures_.back());
}

std::string Report::table() const {
  std::string out;
  for (const std::string& note : notes_) out += note + "\n\n";
  out += fmt::format("| work | unit | goal | {} |\n|---|---|---|", fmt::join(daemons_, " | "));
  for (std::size_t i = 0; i < daemons_.size(); ++i) out += "---|";
  out += '\n';
  for (const Row& row : rows_) {
    out += fmt::format("| {} | {} | {} |", row.name, row.unit, shown(row.goal));
    for (const std::string& daemon : daemons_) {
      const auto value = row.values.find(daemon);
      const bool misses = value != row.values.end() && row.goal && !row.goal->holds(value->second);
      out += fmt::format(" {}{} |", value == row.values.end() ? "–" : shown(value->second),
                         misses ? " ✗" : "");
    }
    out += '\n';
  }
  for (const std::string& failure : failures_) out += "\nfailed: " + failure + "\n";
  return out;
}

std::string Report::json() const {
  nlohmann::ordered_json document{{"notes", notes_}, {"failures", failures_}, {"figures", {}}};
  for (const Row& row : rows_) {
    nlohmann::ordered_json figure{{"name", row.name}, {"unit", row.unit}, {"values", row.values}};
    if (row.goal) {
      figure["goal"] = {
          {row.goal->side == Goal::Side::at_most ? "at_most" : "at_least", row.goal->value}};
    }
    document["figures"].push_back(std::move(figure));
  }
  return document.dump(1);
}

bool Report::is_good() const {
  return failures_.empty() && std::ranges::all_of(rows_, [](const Row& row) {
           return !row.goal || std::ranges::all_of(row.values, [&row](const auto& value) {
             return row.goal->holds(value.second);
           });
         });
}

}  // namespace nubo::bench
