// SPDX-License-Identifier: Apache-2.0
// Finds the variables in a text, for variables.cc only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/template.h"

namespace nubo {

/// $NAME or $NAME[KEY, SELECTOR="value", …]; names in upper case.
struct Variable {
  std::string name;
  bool has_bracket = false;
  std::string key;
  Vector selectors;
};

/// Code::internal "Error parsing: <text>. <why>".
Failure cannot_parse(std::string_view text, std::string_view why);

class VariableScanner {
 public:
  /// `text` outlives the scanner and what it returns.
  explicit VariableScanner(std::string_view text) : text_(text) {}

  /// What stands in front of the next variable, or the rest. A "$" that names nothing, or behind a
  /// backslash, is no variable; "$$" is an error.
  Result<std::string_view> plain();

  /// The variable behind it; nothing at the end of the text.
  Result<std::optional<Variable>> variable();

 private:
  bool variable_begins() const;
  Status bracket(Variable& variable);
  Result<std::string> value();
  std::string_view word();
  bool skip(char wanted);
  void skip_blanks();
  Failure syntax_error() const;

  std::string_view rest() const { return text_.substr(at_); }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace nubo
