// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <iterator>

#include "base/base64.h"
#include "rpc/codec.h"

namespace nubo::rpc {
namespace {

using api::Value;

// A text may hold what the caller sent; what is longer than this says no more, however long it is.
constexpr std::size_t longest_error = 4096;

/// Length of the UTF-8 sequence at `at`; 0 when there is none (overlong, surrogate, cut short) or
/// when XML cannot hold it.
std::size_t sequence_at(std::string_view text, std::size_t at) {
  const auto byte = [&text, at](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const unsigned first = byte(0);
  const std::size_t size = first < 0xC2   ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte(1);
  const bool is_out_of_range = (first == 0xE0 && second < 0xA0) ||
                               (first == 0xED && second > 0x9F) ||
                               (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  const bool is_none = first == 0xEF && second == 0xBF && byte(2) >= 0xBE;  // U+FFFE, U+FFFF
  return is_out_of_range || is_none ? 0 : size;
}

constexpr std::array<bool, 256> plain_bytes = [] {
  std::array<bool, 256> plain{};
  for (unsigned c = 0; c < 256; ++c) {
    plain[c] =
        (c >= 0x20 && c < 0x80 && c != '&' && c != '<' && c != '>') || c == '\n' || c == '\t';
  }
  return plain;
}();

void append_text(std::string& out, std::string_view text) {
  out.reserve(out.size() + text.size() + text.size() / 2);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && plain_bytes[static_cast<unsigned char>(text[end])]) ++end;
    out.append(text, at, end - at);
    if (end == text.size()) return;
    at = end + 1;
    switch (text[end]) {
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
        break;  // a bare one would arrive as a line feed
      default: {
        const std::size_t size = sequence_at(text, end);
        if (size > 0) out.append(text, end, size);
        if (size > 0)
          at = end + size;
        else if (static_cast<unsigned char>(text[end]) >= 0x80)
          out += "\xEF\xBF\xBD";
      }
    }
  }
}

struct Encoder {
  std::string& out;

  void element(std::string_view tag, std::string_view text) const {
    fmt::format_to(std::back_inserter(out), "<{0}>{1}</{0}>", tag, text);
  }

  void operator()(int value) const { element("i4", fmt::format_int(value).c_str()); }

  void operator()(std::int64_t value) const { element("i8", fmt::format_int(value).c_str()); }

  void operator()(bool value) const { element("boolean", value ? "1" : "0"); }

  void operator()(double value) const { element("double", fmt::format("{:f}", value)); }

  void operator()(const api::Nil&) const { out += "<nil/>"; }

  void operator()(const api::Bytes& value) const { element("base64", base64_encode(value.data)); }

  void operator()(const std::string& value) const {
    out += "<string>";
    append_text(out, value);
    out += "</string>";
  }

  void operator()(const api::Array& values) const {
    out += "<array><data>\r\n";
    for (const Value& value : values) {
      append(value);
      out += "\r\n";
    }
    out += "</data></array>";
  }

  void operator()(const api::Struct& members) const {
    out += "<struct>\r\n";
    for (const api::Member& member : members) {
      out += "<member><name>";
      append_text(out, member.name);
      out += "</name>\r\n";
      append(member.value);
      out += "</member>\r\n";
    }
    out += "</struct>";
  }

  void append(const Value& value) const {
    out += "<value>";
    std::visit(*this, value.data);
    out += "</value>";
  }
};

std::string clipped(const std::string& text) {
  if (text.size() <= longest_error) return text;
  std::size_t end = longest_error;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string document(std::string_view before, const Value& value, std::string_view after) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<methodResponse>\r\n";
  out += before;
  Encoder{out}.append(value);
  out += after;
  out += "</methodResponse>\r\n";
  return out;
}

}  // namespace

Value reply_array(Value value) {
  api::Array array;
  array.reserve(3);
  array.emplace_back(true);
  array.push_back(std::move(value));
  array.emplace_back(0);
  return array;
}

Value reply_array(const Error& error) {
  return api::Array{false, clipped(error.message), static_cast<int>(error.code), error.object,
                    std::int64_t{-1}};
}

std::string encode_answer(const Value& value) {
  return document("<params>\r\n<param>", value, "</param>\r\n</params>\r\n");
}

std::string encode_answer(const api::Fault& fault) {
  return document("<fault>\r\n",
                  api::Struct{{"faultCode", static_cast<int>(fault.code)},
                              {"faultString", clipped(fault.text)}},
                  "\r\n</fault>\r\n");
}

}  // namespace nubo::rpc
