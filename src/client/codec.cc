// SPDX-License-Identifier: Apache-2.0
#include "client/codec.h"

#include <fmt/format.h>

#include <iterator>

#include "base/numbers.h"
#include "text/xml_reader.h"

namespace nubo::client {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\r':
        out += "&#x0d;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
}

struct Encoder {
  std::string& out;

  void scalar(std::string_view tag, long long number) const {
    fmt::format_to(std::back_inserter(out), "<value><{0}>{1}</{0}></value>", tag, number);
  }

  void operator()(bool value) const { scalar("boolean", value ? 1 : 0); }

  void operator()(int value) const { scalar("i4", value); }

  void operator()(std::int64_t value) const { scalar("i8", value); }

  void operator()(const std::string& value) const {
    out += "<value><string>";
    append_escaped(out, value);
    out += "</string></value>";
  }

  void operator()(const std::vector<int>& values) const {
    out += "<value><array><data>";
    for (const int value : values) scalar("i4", value);
    out += "</data></array></value>";
  }
};

Failure unexpected(std::string_view what) {
  return fail(Code::internal, "the answer is no reply of oned: {}", what);
}

template <class T>
Result<Value> number_value(const std::string& text) {
  const auto number = parse_number<T>(text);
  if (!number) return unexpected(fmt::format("\"{}\" is no number", text));
  return Value(*number);
}

Result<Value> scalar_of(const XmlNode& value) {
  const auto types = value.children();
  if (types.empty()) return Value(value.text());
  const std::string_view type = types.front().name();
  std::string text = types.front().text();
  if (type == "string") return Value(std::move(text));
  if (type == "boolean") return Value(text == "1");
  if (type == "i4" || type == "int") return number_value<int>(text);
  if (type == "i8") return number_value<std::int64_t>(text);
  return unexpected(fmt::format("a value of type {}", type));
}

Result<int> int_of(const XmlNode& value) {
  NUBO_TRY(const Value scalar, scalar_of(value));
  if (const int* number = std::get_if<int>(&scalar)) return *number;
  return unexpected("an integer is missing");
}

Result<Value> fault_of(const XmlNode& fault) {
  std::string text;
  int code = 0;
  for (const XmlNode& member : fault.child("value").child("struct").children("member")) {
    NUBO_TRY(const Value value, scalar_of(member.child("value")));
    if (const auto* string = std::get_if<std::string>(&value)) text = *string;
    if (const auto* number = std::get_if<int>(&value)) code = *number;
  }
  return fail(Code::api, "{} (fault {})", text, code);
}

Result<Value> failure_of(const std::vector<XmlNode>& values) {
  NUBO_TRY(const Value message, scalar_of(values[1]));
  NUBO_TRY(const int code, int_of(values[2]));
  int object = -1;
  if (values.size() > 3) {
    NUBO_TRY(object, int_of(values[3]));
  }
  const auto* text = std::get_if<std::string>(&message);
  return Failure(Error{static_cast<Code>(code), text != nullptr ? *text : "", object});
}

}  // namespace

std::string encode_call(std::string_view method, std::string_view session, const Params& params) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodCall><methodName>";
  append_escaped(out, method);
  out += "</methodName><params><param><value><string>";
  append_escaped(out, session);
  out += "</string></value></param>";
  for (const Value& param : params) {
    out += "<param>";
    std::visit(Encoder{out}, param);
    out += "</param>";
  }
  out += "</params></methodCall>\n";
  return out;
}

Result<Value> decode_reply(std::string_view document) {
  auto parsed = XmlDocument::parse(document);
  if (!parsed) return unexpected(parsed.error().message);
  const XmlNode root = parsed->root();
  if (root.name() != "methodResponse") return unexpected("no methodResponse");
  if (const XmlNode fault = root.child("fault")) return fault_of(fault);
  const auto values =
      root.child("params").child("param").child("value").child("array").child("data").children(
          "value");
  if (values.size() < 3) return unexpected("an array of three is missing");
  NUBO_TRY(const Value success, scalar_of(values[0]));
  if (!std::holds_alternative<bool>(success)) return unexpected("no boolean in front");
  return std::get<bool>(success) ? scalar_of(values[1]) : failure_of(values);
}

}  // namespace nubo::client
