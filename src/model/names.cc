// SPDX-License-Identifier: Apache-2.0
#include "model/names.h"

#include <algorithm>
#include <string>

namespace nubo {
namespace {

constexpr std::size_t longest_name = 128;
constexpr std::string_view forbidden = "&|:\\\";/'#{}$<>\t\n\v\f\r";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_separator(char c) { return c == '-' || c == '.' || c == '_'; }

}  // namespace

Status check_name(std::string_view name, std::string_view further) {
  if (name.empty()) return fail(Code::internal, "Invalid NAME, it cannot be empty");
  if (name.size() > longest_name) {
    return fail(Code::internal, "Invalid NAME, max length is {} chars", longest_name);
  }
  const std::size_t at = name.find_first_of(std::string(forbidden).append(further));
  if (at == std::string_view::npos) return ok();
  return fail(Code::internal, "Invalid NAME, char '{}' is not allowed", name[at]);
}

Status check_host_name(std::string_view name) {
  if (name.size() < 2 || name.size() > 63) {
    return fail(Code::internal,
                "Invalid HOSTNAME, HOSTNAME length should be greater than 1, but smaller than 64 "
                "characters");
  }
  const auto wrong =
      std::ranges::find_if(name, [](char c) { return !is_letter_or_digit(c) && !is_separator(c); });
  if (wrong != name.end()) {
    return fail(Code::internal, "Invalid HOSTNAME, '{}' is invalid character for a HOSTNAME",
                *wrong);
  }
  if (is_separator(name.front()) || is_separator(name.back())) {
    return fail(Code::internal,
                "Invalid HOSTNAME, '-', '.' and '_' cannot be its first or last character");
  }
  return ok();
}

}  // namespace nubo
