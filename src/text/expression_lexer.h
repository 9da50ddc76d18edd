// SPDX-License-Identifier: Apache-2.0
// The tokens of requirement and rank expressions, for their compilers only.
#pragma once

#include <string_view>

#include "base/result.h"

namespace nubo {

struct Lexeme {
  enum Kind { end, identifier, quoted, number, symbol, unknown };

  Kind kind = end;
  std::string_view text;  // of a quoted one: what stands between the quotes
  std::size_t position = 0;

  bool is(std::string_view wanted) const { return kind == symbol && text == wanted; }

  /// Whether it can name an attribute: HYPERVISOR or "TEMPLATE/HYPERVISOR".
  bool is_name() const { return kind == identifier || kind == quoted; }
};

class ExpressionLexer {
 public:
  /// Stands before the first token. `text` outlives the lexer and its lexemes.
  explicit ExpressionLexer(std::string_view text) : text_(text) { advance(); }

  const Lexeme& current() const { return current_; }

  void advance();

  /// Moves on when the current token is that symbol; says whether it was.
  bool skip(std::string_view symbol);

  /// "syntax error in expression, expecting WANTED at position N", N in bytes from 1.
  Failure expecting(std::string_view wanted) const;

 private:
  Lexeme take(Lexeme::Kind kind, std::size_t length);

  std::string_view text_;
  std::size_t at_ = 0;
  Lexeme current_;
};

}  // namespace nubo
