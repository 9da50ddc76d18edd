// SPDX-License-Identifier: Apache-2.0
// The tokens of template text (sheet xml.md §5), for the parser only. What may stand at a place
// depends on whether a value is awaited: after "=" the lexer looks for a value, elsewhere for names
// and separators; characters that fit neither are skipped, as oned does.
#pragma once

#include <string>
#include <string_view>

namespace nubo {

enum class Token { end, variable, string, equal, equal_empty, comma, open, close, cdata_end };

/// The token's name as error messages show it.
std::string_view token_name(Token token);

class TemplateLexer {
 public:
  /// `text` outlives the lexer.
  explicit TemplateLexer(std::string_view text);

  Token next();

  /// The name of the last `variable`, or the value of the last `string` without quotes, escapes
  /// resolved, trimmed. May be moved from.
  std::string& value() { return value_; }

  /// "line L, columns A:B" of the last token, both counted from 1.
  std::string place() const;

 private:
  Token next_value();
  Token next_word();
  Token variable();
  Token equal();
  bool quoted();
  bool unquoted();
  Token finish(Token token, std::size_t length);

  std::string_view text_;
  std::size_t last_newline_;  // comments need a newline at their end
  std::size_t at_ = 0;
  std::size_t token_begin_ = 0;
  bool value_awaited_ = false;
  std::string value_;
};

}  // namespace nubo
