// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/base64.h"
#include "base/result.h"
#include "rpc/codec.h"
#include "text/trim.h"
#include "text/xml_reader.h"

namespace nubo::rpc {
namespace {

using api::Value;

constexpr int deepest = 200;  // elements: 64 arrays in one another, as xmlrpc-c takes them

template <class... Args>
Failure malformed(fmt::format_string<Args...> text, Args&&... args) {
  return fail(Code::api, text, std::forward<Args>(args)...);
}

Result<std::string> text_of(const XmlNode& element) {
  if (!element.has_children()) return element.text();
  return malformed("A <{}> XML element has elements in it", element.name());
}

/// The only child; of that name.
Result<XmlNode> only_child(const XmlNode& element, std::string_view name) {
  const std::vector<XmlNode> children = element.children();
  if (children.size() != 1) {
    return malformed("Expected <{}> to have 1 children, found {}", element.name(), children.size());
  }
  if (children.front().name() == name) return children.front();
  return malformed("Expected <{}> in <{}>, found <{}>", name, element.name(),
                   children.front().name());
}

/// Line ends arrive as they would if the client had sent them outside of character references.
std::string with_line_feeds(std::string text) {
  if (text.find('\r') == text.npos) return text;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (text.substr(i + 1, 1) != "\n") {
      out += '\n';
    }
  }
  return out;
}

/// OpenNebula takes no character of four bytes.
Status check_plane(std::string_view text) {
  const auto is_beyond = [](char c) { return static_cast<unsigned char>(c) >= 0xF0; };
  const auto* const found = std::ranges::find_if(text, is_beyond);
  if (found == text.end()) return ok();
  return malformed(
      "{}-byte supposed UTF-8 string is not valid UTF-8.  UTF-8 string contains a character not in "
      "the Basic Multilingual Plane (first byte 0xffffff{:02x})",
      text.size(), static_cast<unsigned char>(*found));
}

Result<std::string> string_in(const XmlNode& element) {
  NUBO_TRY(std::string text, text_of(element));
  NUBO_CHECK(check_plane(text));
  return with_line_feeds(std::move(text));
}

Result<Value> string_value(const XmlNode& element) {
  NUBO_TRY(std::string text, string_in(element));
  return Value(std::move(text));
}

template <class Number>
Result<Value> number_value(const XmlNode& element, std::string_view type) {
  NUBO_TRY(const std::string whole, text_of(element));
  std::string_view text = trimmed(whole);
  if (text.empty()) return malformed("<{}> XML element content is empty", type);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [junk, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range) {
    return malformed("<{}> value '{}' is out of range", type, text);
  }
  if (error == std::errc{} && junk == end) return Value(number);
  return malformed("<{}> value '{}' contains non-numerical junk: '{}'", type, text,
                   std::string_view(junk, end));
}

Result<Value> int_value(const XmlNode& element) { return number_value<int>(element, "int"); }

Result<Value> long_value(const XmlNode& element) {
  return number_value<std::int64_t>(element, "i8");
}

Result<Value> double_value(const XmlNode& element) {
  return number_value<double>(element, "double");
}

Result<Value> boolean_value(const XmlNode& element) {
  NUBO_TRY(const std::string text, text_of(element));
  if (text == "0" || text == "1") return Value(text == "1");
  return malformed(
      "<boolean> XML element content must be either '0' or '1' according to XML-RPC.  This one "
      "has '{}'",
      text);
}

Result<Value> bytes_value(const XmlNode& element) {
  NUBO_TRY(const std::string text, text_of(element));
  return Value(api::Bytes{base64_decode(text)});
}

/// Also of a date: no call takes one, so it is of a wrong type wherever it stands.
Result<Value> nil_value(const XmlNode& /*element*/) { return Value(api::Nil{}); }

Result<Value> value_of(const XmlNode& value);

Result<Value> array_value(const XmlNode& element) {
  NUBO_TRY(const XmlNode data, only_child(element, "data"));
  api::Array values;
  for (const XmlNode& child : data.children()) {
    if (child.name() != "value") return malformed("Expected <value>, found <{}>", child.name());
    NUBO_TRY(Value value, value_of(child));
    values.push_back(std::move(value));
  }
  return Value(std::move(values));
}

Result<api::Member> member_of(const XmlNode& element) {
  const XmlNode name = element.child("name");
  const XmlNode value = element.child("value");
  if (element.name() != "member" || !name || !value || element.children().size() != 2) {
    return malformed("Expected <member> with <name> and <value> in <struct>, found <{}>",
                     element.name());
  }
  NUBO_TRY(std::string key, string_in(name));
  NUBO_TRY(Value member, value_of(value));
  return api::Member{std::move(key), std::move(member)};
}

Result<Value> struct_value(const XmlNode& element) {
  api::Struct members;
  for (const XmlNode& child : element.children()) {
    NUBO_TRY(api::Member member, member_of(child));
    members.push_back(std::move(member));
  }
  return Value(std::move(members));
}

struct Type {
  std::string_view name;
  Result<Value> (*read)(const XmlNode& element);
};

constexpr Type types[] = {
    {"string", string_value},
    {"i4", int_value},
    {"int", int_value},
    {"boolean", boolean_value},
    {"i8", long_value},
    {"double", double_value},
    {"array", array_value},
    {"struct", struct_value},
    {"base64", bytes_value},
    {"nil", nil_value},
    {"dateTime.iso8601", nil_value},
    {"i1", int_value},
    {"i2", int_value},
};

/// `value` is the <value>: one typed element, or text, which is a string.
Result<Value> value_of(const XmlNode& value) {
  if (!value.has_children()) return string_value(value);
  const std::vector<XmlNode> children = value.children();
  const XmlNode& element = children.front();
  if (children.size() > 1) {
    return malformed("Expected <value> to have 1 children, found {}", children.size());
  }
  std::string_view name = element.name();
  if (name.starts_with("ex:")) name.remove_prefix(3);  // Apache's extensions
  const auto* const type = std::ranges::find(types, name, &Type::name);
  if (type == std::end(types)) {
    return malformed("Unknown value type -- XML element is named <{}>", element.name());
  }
  return type->read(element);
}

Result<Call> call_of(const XmlNode& root) {
  if (root.name() != "methodCall") {
    return malformed(
        "XML-RPC call should be a <methodCall> element.  Instead, we have a <{}> element.",
        root.name());
  }
  const XmlNode name = root.child("methodName");
  if (!name) return malformed("Expected <methodCall> to have child 'methodName'");
  Call call;
  NUBO_TRY(call.method, string_in(name));
  for (const XmlNode& param : root.child("params").children()) {
    if (param.name() != "param") return malformed("Expected <param>, found <{}>", param.name());
    NUBO_TRY(const XmlNode value, only_child(param, "value"));
    NUBO_TRY(Value decoded, value_of(value));
    call.params.push_back(std::move(decoded));
  }
  return call;
}

/// The bytes of `text` as a message can show them.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    }
  }
  return out;
}

/// Nothing may stand before an XML declaration.
bool has_late_declaration(std::string_view document) {
  return !document.starts_with('<') && trimmed(document).starts_with("<?xml");
}

/// Of the bytes at `text`, which XML cannot hold.
Failure invalid_token(std::string_view text) {
  constexpr std::size_t shown = 40;
  return malformed(
      "Call is not valid XML.  Invalid XML \"content\".  Problem with token at '{}{}': Invalid "
      "token, starting 0 bytes in",
      printable(text.substr(0, shown)), text.size() > shown ? "..." : "");
}

Result<Call> decode(std::string_view document) {
  if (has_late_declaration(document)) return malformed("Call is not valid XML.  syntax error");
  const auto parsed = XmlDocument::parse(document, deepest);
  if (parsed) return call_of(parsed->root());
  const std::size_t valid = valid_xml_prefix(document);
  if (valid < document.size()) return invalid_token(document.substr(valid));
  return Failure(parsed.error());
}

}  // namespace

tl::expected<Call, api::Fault> decode_call(std::string_view document) {
  Result<Call> call = decode(document);
  if (call) return *std::move(call);
  return tl::make_unexpected(api::Fault{
      api::FaultCode::parse, "Call XML not a proper XML-RPC call.  " + call.error().message});
}

}  // namespace nubo::rpc
