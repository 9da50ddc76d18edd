// SPDX-License-Identifier: Apache-2.0
#include "text/expression_lexer.h"

#include <algorithm>
#include <array>

namespace nubo {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::array<std::string_view, 14> symbols{"!=", "@>", "=", ">", "<", "&", "|",
                                                   "!",  "(",  ")", "+", "-", "*", "/"};

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_identifier_character(char c) {
  return is_letter(c) || c == '_' || digits.find(c) != std::string_view::npos;
}

std::size_t identifier_length(std::string_view rest) {
  const auto end = std::ranges::find_if_not(rest, is_identifier_character);
  return static_cast<std::size_t>(end - rest.begin());
}

std::size_t number_length(std::string_view rest) {
  const std::size_t whole = std::min(rest.find_first_not_of(digits), rest.size());
  if (whole + 1 >= rest.size() || rest[whole] != '.') return whole;
  const std::size_t end = std::min(rest.find_first_not_of(digits, whole + 1), rest.size());
  return end == whole + 1 ? whole : end;
}

}  // namespace

Lexeme ExpressionLexer::take(Lexeme::Kind kind, std::size_t length) {
  const Lexeme lexeme{kind, text_.substr(at_, length), at_};
  at_ += length;
  return lexeme;
}

void ExpressionLexer::advance() {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
  const std::string_view rest = text_.substr(at_);
  const auto is_next = [rest](std::string_view symbol) { return rest.starts_with(symbol); };
  if (rest.empty()) {
    current_ = take(Lexeme::end, 0);
  } else if (is_letter(rest.front())) {
    current_ = take(Lexeme::identifier, identifier_length(rest));
  } else if (number_length(rest) > 0) {
    current_ = take(Lexeme::number, number_length(rest));
  } else if (rest.front() == '"' && rest.find('"', 1) != std::string_view::npos) {
    current_ = take(Lexeme::quoted, rest.find('"', 1) + 1);
    current_.text = current_.text.substr(1, current_.text.size() - 2);
  } else if (const auto symbol = std::ranges::find_if(symbols, is_next); symbol != symbols.end()) {
    current_ = take(Lexeme::symbol, symbol->size());
  } else {
    current_ = take(Lexeme::unknown, 1);
  }
}

bool ExpressionLexer::skip(std::string_view symbol) {
  if (!current_.is(symbol)) return false;
  advance();
  return true;
}

Failure ExpressionLexer::expecting(std::string_view wanted) const {
  return fail(Code::internal, "syntax error in expression, expecting {} at position {}", wanted,
              current_.position + 1);
}

}  // namespace nubo
