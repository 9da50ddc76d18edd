// SPDX-License-Identifier: Apache-2.0
#include "flow/variable_scanner.h"

#include <algorithm>

#include "text/trim.h"

namespace nubo {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_word_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
}

}  // namespace

Failure cannot_parse(std::string_view text, std::string_view why) {
  return fail(Code::internal, "Error parsing: {}. {}", text, why);
}

Failure VariableScanner::syntax_error() const {
  return cannot_parse(text_, fmt::format("Syntax error at position {}", at_ + 1));
}

bool VariableScanner::variable_begins() const {
  const bool is_escaped = at_ > 0 && text_[at_ - 1] == '\\';
  const bool has_name = at_ + 1 < text_.size() && is_word_character(text_[at_ + 1]);
  return text_[at_] == '$' && !is_escaped && has_name && !is_digit(text_[at_ + 1]);
}

Result<std::string_view> VariableScanner::plain() {
  const std::size_t begin = at_;
  for (; at_ < text_.size() && !variable_begins(); ++at_) {
    if (rest().starts_with("$$")) return syntax_error();
  }
  return text_.substr(begin, at_ - begin);
}

Result<std::optional<Variable>> VariableScanner::variable() {
  if (rest().empty()) return std::optional<Variable>();
  ++at_;
  Variable found{.name = upper_case(word())};
  if (rest().starts_with('[')) NUBO_CHECK(bracket(found));
  return std::optional(std::move(found));
}

Status VariableScanner::bracket(Variable& variable) {
  variable.has_bracket = true;
  ++at_;
  do {
    skip_blanks();
    std::string name = upper_case(word());
    if (name.empty()) return syntax_error();
    if (skip('=')) {
      NUBO_TRY(std::string selected, value());
      variable.selectors.set(std::move(name), std::move(selected));
    } else if (variable.key.empty()) {
      variable.key = std::move(name);
    } else {
      return syntax_error();
    }
  } while (skip(','));
  if (!skip(']')) return syntax_error();
  return ok();
}

Result<std::string> VariableScanner::value() {
  skip_blanks();
  if (!rest().starts_with('"')) {
    const std::string_view bare = word();
    if (bare.empty()) return syntax_error();
    return std::string(bare);
  }
  const std::size_t length = rest().find('"', 1);
  if (length == std::string_view::npos) return syntax_error();
  const std::string_view quoted = rest().substr(1, length - 1);
  at_ += length + 1;
  return std::string(quoted);
}

std::string_view VariableScanner::word() {
  const std::string_view from = rest();
  const auto end = std::ranges::find_if_not(from, is_word_character);
  const std::string_view found = from.substr(0, static_cast<std::size_t>(end - from.begin()));
  at_ += found.size();
  return found;
}

bool VariableScanner::skip(char wanted) {
  skip_blanks();
  if (!rest().starts_with(wanted)) return false;
  ++at_;
  return true;
}

void VariableScanner::skip_blanks() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
}

}  // namespace nubo
