// SPDX-License-Identifier: Apache-2.0
// Requirement and rank expressions (sheet vm-lifecycle.md §7.4), compiled once and evaluated many
// times against facts: SCHED_REQUIREMENTS and AUTOMATIC_REQUIREMENTS are boolean, SCHED_RANK is a
// number. Immutable after compile(); any thread.
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

class Requirement {
 public:
  /// Code::internal with the place of the mistake. An empty text holds always.
  static Result<Requirement> compile(std::string_view text);
  bool holds(const Facts& facts) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
};

class Rank {
 public:
  /// Code::internal with the place of the mistake. An empty text ranks 0.
  static Result<Rank> compile(std::string_view text);
  double value(const Facts& facts) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
};

}  // namespace nubo
