// SPDX-License-Identifier: Apache-2.0
// Whole numbers as settings list them: "0, 1, 32768:65536".
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace nubo {

class NumberRanges {
 public:
  NumberRanges() = default;

  /// Nothing when a part is neither a number nor first:last. The empty list is a list.
  static std::optional<NumberRanges> parse(std::string_view list);

  bool contains(int number) const;

 private:
  std::vector<std::pair<int, int>> ranges_;
};

}  // namespace nubo
