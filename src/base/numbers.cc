// SPDX-License-Identifier: Apache-2.0
#include "base/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace nubo {

std::string format_amount(double value) {
  if (std::floor(value) == value) return fmt::format("{:.0f}", value);
  return fmt::format("{:.2f}", value);
}

std::optional<bool> parse_yes_no(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::array yes{"yes", "true", "1", "y"};
  constexpr std::array no{"no", "false", "0", "n"};
  if (std::ranges::find(yes, lower) != yes.end()) return true;
  if (std::ranges::find(no, lower) != no.end()) return false;
  return {};
}

}  // namespace nubo
