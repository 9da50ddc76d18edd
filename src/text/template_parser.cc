// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "text/template.h"
#include "text/template_lexer.h"
#include "text/trim.h"
#include "text/xml_reader.h"

namespace nubo {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Keys become element names, so one that starts with a digit gets a prefix.
std::string key_name(std::string_view given) {
  return is_digit(given.front()) ? "ONE_" + upper_case(given) : upper_case(given);
}

/// As oned: names that XML keeps for itself get the prefix, too.
std::string attribute_name(std::string_view given) {
  std::string name = key_name(given);
  return name.starts_with("XML") ? "ONE_" + name : name;
}

class TextParser {
 public:
  explicit TextParser(std::string_view text) : lexer_(text) {}

  Result<Template> parse() {
    std::vector<Attribute> attributes;
    for (advance(); token_ != Token::end; advance()) {
      if (token_ != Token::variable) return unexpected("$end");
      attributes.push_back({.name = attribute_name(lexer_.value())});
      Attribute& attribute = attributes.back();
      if (advance() == Token::equal_empty) continue;
      if (token_ != Token::equal) return unexpected("EQUAL or EQUAL_EMPTY");
      if (advance() == Token::string) {
        attribute.value = std::move(lexer_.value());
        continue;
      }
      if (token_ != Token::open) return unexpected("OBRACKET or CCDATA or STRING");
      NUBO_TRY(attribute.value, vector());
    }
    return Template(std::move(attributes));
  }

 private:
  /// Behind "[", up to and with "]". Of equal keys the first stays.
  Result<Vector> vector() {
    Vector vector;
    if (advance() == Token::close) return vector;
    if (token_ != Token::variable) return unexpected("CBRACKET or VARIABLE");
    while (true) {
      std::string key = key_name(lexer_.value());
      if (advance() != Token::equal) return unexpected("EQUAL");
      if (advance() != Token::string) return unexpected("STRING");
      if (!vector.contains(key)) vector.set(std::move(key), std::move(lexer_.value()));
      if (advance() == Token::close) return vector;
      if (token_ != Token::comma) return unexpected("COMMA or CBRACKET");
      if (advance() != Token::variable) return unexpected("VARIABLE");
    }
  }

  Token advance() { return token_ = lexer_.next(); }

  Failure unexpected(std::string_view expected) const {
    if (token_ == Token::cdata_end) return fail(Code::internal, "Parse error.");
    return fail(Code::internal, "Parse error: syntax error, unexpected {}, expecting {} at {}",
                token_name(token_), expected, lexer_.place());
  }

  TemplateLexer lexer_;
  Token token_ = Token::end;
};

/// The documents show a value in one CDATA section, so oned drops one that would end it.
bool is_usable(const XmlNode& element) {
  return element.has_text() && element.text().find("]]>") == std::string::npos;
}

/// Of equal keys the last stays; deeper levels and empty children are dropped.
Vector vector_of(const XmlNode& element) {
  Vector vector;
  for (const XmlNode& child : element.children()) {
    if (is_usable(child)) vector.set(std::string(child.name()), std::string(trimmed(child.text())));
  }
  return vector;
}

Result<Template> parse_xml(std::string_view text) {
  const Result<XmlDocument> document = XmlDocument::parse(text);
  if (!document) return fail(Code::internal, "Parse error: XML Template malformed.");
  std::vector<Attribute> attributes;
  for (const XmlNode& element : document->root().children()) {
    std::string name = attribute_name(element.name());
    if (element.has_children()) {
      Vector vector = vector_of(element);
      if (!vector.empty()) attributes.push_back({std::move(name), std::move(vector)});
    } else if (is_usable(element)) {
      attributes.push_back({std::move(name), std::string(trimmed(element.text()))});
    }
  }
  return Template(std::move(attributes));
}

/// A backslash in front of the closing quote could be read as an escape of it. The comment behind
/// it holds a quote that surely does not end the value, which decides the question.
void append_value(std::string& out, std::string_view value) {
  out.push_back('"');
  for (const char c : value) {
    if (c == '"') out.push_back('\\');
    out.push_back(c);
  }
  out.append(value.ends_with('\\') ? "\" #\"-\n" : "\"");
}

}  // namespace

Result<Template> parse_template(std::string_view text) {
  if (text.starts_with('<')) return parse_xml(text);
  if (const std::size_t valid = valid_xml_prefix(text); valid < text.size()) {
    return fail(Code::internal, "Parse error: byte 0x{:02x} at offset {} is not valid text",
                static_cast<unsigned char>(text[valid]), valid);
  }
  return TextParser(text).parse();
}

std::string to_text(const Template& attributes) {
  std::string out;
  for (const Attribute& attribute : attributes) {
    out.append(attribute.name).append("=");
    if (const std::string* value = attribute.single()) {
      append_value(out, *value);
    } else {
      std::string_view separator = "[";
      for (const auto& [key, value_of_key] : *attribute.vector()) {
        out.append(separator).append(key).append("=");
        append_value(out, value_of_key);
        separator = ",";
      }
      out.append(attribute.vector()->empty() ? "[]" : "]");
    }
    out.push_back('\n');
  }
  return out;
}

}  // namespace nubo
