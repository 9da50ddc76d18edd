// SPDX-License-Identifier: Apache-2.0
// Numbers from and to text without locale, whole text or nothing.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace nubo {

/// The number that `text` is, whole and without blanks; nothing otherwise.
template <class T>

requires(std::integral<T> ||
         std::floating_point<T>) std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

/// Whole values without a point, all others with two digits: 2, 1.50, 0.10 (sheet xml.md §1).
std::string format_amount(double value);

/// The value of "YES"/"yes"/"true"/"1" … as templates spell it; nothing when it is neither.
std::optional<bool> parse_yes_no(std::string_view text);

}  // namespace nubo
