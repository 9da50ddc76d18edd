// SPDX-License-Identifier: Apache-2.0
// Requirement and rank expressions (sheet vm-lifecycle.md §7.4), compiled once and evaluated many
// times against facts: SCHED_REQUIREMENTS and AUTOMATIC_REQUIREMENTS are boolean, SCHED_RANK is a
// number. Immutable after compile(); any thread. Compiling and evaluating take time in proportion
// to the text, and no deep stack, whatever a user wrote.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nubo {

/// All values of an attribute ("HYPERVISOR", "CURRENT_VMS", "PATH/KEY"), empty when it is absent.
using Facts = std::function<std::vector<std::string>(std::string_view name)>;

/// `NAME op value` joined by & | ! and parentheses, where & and | bind alike from left to right.
/// A comparison with an absent attribute fails, != too; CURRENT_VMS is a list that a value is in
/// (=) or not (!=), empty or not. Text compares as a shell pattern.
class Requirement {
 public:
  /// Code::internal with the place of the mistake. An empty text holds always.
  static Result<Requirement> compile(std::string_view text);
  bool holds(const Facts& facts) const;

  struct Program;

 private:
  std::shared_ptr<const Program> program_;
};

/// Numbers and attributes (0 when absent or no number) joined by + - * / and parentheses.
class Rank {
 public:
  /// Code::internal with the place of the mistake. An empty text ranks 0.
  static Result<Rank> compile(std::string_view text);
  /// A whole number, cut off towards 0; 0 when it cannot be computed (division by 0).
  double value(const Facts& facts) const;

  struct Program;

 private:
  std::shared_ptr<const Program> program_;
};

}  // namespace nubo
