// SPDX-License-Identifier: Apache-2.0
// The figures of a run: a table with one column per daemon and the goal beside it, and JSON.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load.h"

namespace nubo::bench {

/// What a figure should be; `at_most` for times and sizes, `at_least` for rates.
struct Goal {
  enum class Side { at_most, at_least } side;
  double value;

  bool holds(double measured) const {
    return side == Side::at_most ? measured <= value : measured >= value;
  }
};

constexpr Goal at_most(double value) { return {Goal::Side::at_most, value}; }

constexpr Goal at_least(double value) { return {Goal::Side::at_least, value}; }

class Report {
 public:
  /// A figure of `daemon`; rows appear in the order in which they came first.
  void add(const std::string& daemon, const std::string& name, double value, std::string_view unit,
           std::optional<Goal> goal = {});

  /// What went wrong; the run goes on.
  void add_failure(const std::string& daemon, const std::string& text);

  /// What the machine was doing and can do, above the table.
  void add_note(std::string text) { notes_.push_back(std::move(text)); }

  std::string table() const;
  std::string json() const;

  /// No failure, and every goal held by every daemon.
  bool is_good() const;

 private:
  struct Row {
    std::string name, unit;
    std::optional<Goal> goal;
    std::map<std::string, double> values;  // by daemon
  };

  std::vector<std::string> daemons_;
  std::vector<Row> rows_;
  std::vector<std::string> notes_;
  std::vector<std::string> failures_;
};

}  // namespace nubo::bench
