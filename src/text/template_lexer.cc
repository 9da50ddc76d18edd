// SPDX-License-Identifier: Apache-2.0
#include "text/template_lexer.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/trim.h"

namespace nubo {
namespace {

constexpr std::string_view not_in_unquoted = "=# \t\n,[]";
constexpr std::string_view behind_quoted = " \t\r\n,[]";

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string without_escapes(std::string_view quoted) {
  std::string plain;
  plain.reserve(quoted.size());
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] == '\\' && i + 1 < quoted.size() && quoted[i + 1] == '"') continue;
    plain.push_back(quoted[i]);
  }
  return plain;
}

}  // namespace

std::string_view token_name(Token token) {
  constexpr std::string_view names[] = {"$end",  "VARIABLE", "STRING",   "EQUAL", "EQUAL_EMPTY",
                                        "COMMA", "OBRACKET", "CBRACKET", "CCDATA"};
  return names[static_cast<std::size_t>(token)];
}

TemplateLexer::TemplateLexer(std::string_view text)
    : text_(text), last_newline_(text.rfind('\n')) {}

Token TemplateLexer::next() {
  const Token token = value_awaited_ ? next_value() : next_word();
  value_awaited_ = token == Token::equal;
  return token;
}

Token TemplateLexer::finish(Token token, std::size_t length) {
  token_begin_ = at_;
  at_ += length;
  return token;
}

Token TemplateLexer::next_value() {
  for (; at_ < text_.size(); ++at_) {
    if (text_.substr(at_).starts_with("]]>")) return finish(Token::cdata_end, 3);
    if (text_[at_] == '[') return finish(Token::open, 1);
    if (quoted() || unquoted()) {
      return value_.find("]]>") == std::string::npos ? Token::string : Token::cdata_end;
    }
  }
  return finish(Token::end, 0);
}

Token TemplateLexer::next_word() {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (is_name_character(c)) return variable();
    if (c == '=') return equal();
    if (c == ',') return finish(Token::comma, 1);
    if (c == ']') return finish(Token::close, 1);
    const bool in_last_line = last_newline_ == std::string_view::npos || at_ > last_newline_;
    if (c == '#' && !in_last_line) at_ = text_.find('\n', at_);
  }
  return finish(Token::end, 0);
}

Token TemplateLexer::variable() {
  const std::string_view rest = text_.substr(at_);
  const auto end = std::ranges::find_if_not(rest, is_name_character);
  value_.assign(rest.begin(), end);
  return finish(Token::variable, value_.size());
}

Token TemplateLexer::equal() {
  const std::size_t end = text_.find_first_not_of(" \t", at_ + 1);
  if (end == std::string_view::npos || text_[end] != '\n') return finish(Token::equal, 1);
  return finish(Token::equal_empty, end - at_);
}

/// A quoted value ends at the last quote that something else than a value follows, counting those
/// behind a backslash and the first one that is not: "a\" is a\ and "a\" b" is a" b.
bool TemplateLexer::quoted() {
  if (text_[at_] != '"') return false;
  std::size_t closing = 0;
  for (std::size_t quote = text_.find('"', at_ + 1); quote != std::string_view::npos;
       quote = text_.find('"', quote + 1)) {
    const bool at_end = quote + 1 == text_.size();
    if (at_end || behind_quoted.find(text_[quote + 1]) != std::string_view::npos) closing = quote;
    if (text_[quote - 1] != '\\') break;
  }
  if (closing == 0) return false;
  value_ = without_escapes(trimmed(text_.substr(at_ + 1, closing - at_ - 1)));
  finish(Token::string, closing + 1 - at_);
  return true;
}

bool TemplateLexer::unquoted() {
  const std::size_t end = std::min(text_.find_first_of(not_in_unquoted, at_), text_.size());
  if (end == at_) return false;
  value_ = trimmed(text_.substr(at_, end - at_));
  finish(Token::string, end - at_);
  return true;
}

std::string TemplateLexer::place() const {
  const std::string_view before = text_.substr(0, token_begin_);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  const std::size_t length = std::max<std::size_t>(at_ - token_begin_, 1);
  return fmt::format("line {}, columns {}:{}", line, column, column + length - 1);
}

}  // namespace nubo
