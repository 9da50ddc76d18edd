// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "base/base64.h"
#include "rpc/codec.h"
#include "text/escape.h"
#include "text/xml_writer.h"

namespace nubo::rpc {
namespace {

using api::Value;

// A text may hold what the caller sent; what is longer than this says no more, however long it is.
constexpr std::size_t longest_error = 4096;

constexpr std::size_t long_text = 32UL * 1024;    // longer ones wait for their piece
constexpr std::size_t piece_size = 128UL * 1024;  // before its escaping

void append_part(std::string& out, std::string_view text, bool is_escaped) {
  if (is_escaped) {
    out += text;
  } else {
    append_escaped(out, text);
  }
}

}  // namespace

struct Encoder {
  std::vector<Document::Segment>& segments;

  std::string& out() { return segments.back().ready; }

  void operator()(int value) { XmlWriter(out()).number("i4", value); }

  void operator()(std::int64_t value) { XmlWriter(out()).number("i8", value); }

  void operator()(bool value) { XmlWriter(out()).number("boolean", value ? 1 : 0); }

  void operator()(double value) { XmlWriter(out()).text("double", fmt::format("{:f}", value)); }

  void operator()(const api::Nil&) { out() += "<nil/>"; }

  void operator()(const api::Bytes& value) {
    XmlWriter(out()).text("base64", base64_encode(value.data));
  }

  void operator()(const std::string& value) {
    out() += "<string>";
    append_escaped(out(), value);
    out() += "</string>";
  }

  void operator()(const api::Text& value) {
    out() += "<string>";
    if (value.is_longer_than(long_text)) {
      segments.back().raw = &value;
      segments.emplace_back();
    } else {
      for (const auto& part : value.parts) append_part(out(), part.text, part.is_escaped);
    }
    out() += "</string>";
  }

  void operator()(const api::Array& values) {
    out() += "<array><data>\r\n";
    for (const Value& value : values) {
      append(value);
      out() += "\r\n";
    }
    out() += "</data></array>";
  }

  void operator()(const api::Struct& members) {
    out() += "<struct>\r\n";
    for (const api::Member& member : members) {
      out() += "<member><name>";
      append_escaped(out(), member.name);
      out() += "</name>\r\n";
      append(member.value);
      out() += "</member>\r\n";
    }
    out() += "</struct>";
  }

  void append(const Value& value) {
    out() += "<value>";
    std::visit(*this, value.data);
    out() += "</value>";
  }
};

namespace {

std::string clipped(const std::string& text) {
  if (text.size() <= longest_error) return text;
  std::size_t end = longest_error;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return text.substr(0, end) + "…";
}

struct Envelope {
  std::string_view begin, end;
};

constexpr Envelope of_value{"<params>\r\n<param>", "</param>\r\n</params>\r\n"};
constexpr Envelope of_fault{"<fault>\r\n", "\r\n</fault>\r\n"};

Value value_of(Answer answer) {
  if (auto* value = std::get_if<Value>(&answer)) return std::move(*value);
  const auto& fault = std::get<api::Fault>(answer);
  return api::Struct{{"faultCode", static_cast<int>(fault.code)},
                     {"faultString", clipped(fault.text)}};
}

}  // namespace

Value reply_array(Value value) {
  if (auto* text = std::get_if<std::string>(&value.data); text && text->size() > long_text) {
    value = api::Text(std::move(*text));
  }
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

Document::Document(Answer answer) : segments_(1) {
  const bool is_fault = std::holds_alternative<api::Fault>(answer);
  const Envelope& envelope = is_fault ? of_fault : of_value;
  answer_ = std::make_unique<const Value>(value_of(std::move(answer)));
  segments_.back().ready += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<methodResponse>\r\n";
  segments_.back().ready += envelope.begin;
  Encoder{segments_}.append(*answer_);
  segments_.back().ready += envelope.end;
  segments_.back().ready += "</methodResponse>\r\n";
  for (const Segment& segment : segments_) measure(segment);
}

void Document::measure(const Segment& segment) {
  size_ += segment.ready.size();
  kept_bytes_ += segment.ready.size();
  if (segment.raw == nullptr) return;
  for (const api::Text::Part& part : segment.raw->parts) {
    size_ += part.is_escaped ? part.text.size()
                             : escaped_size(part.make == nullptr ? part.text : part.make(part.of));
  }
  kept_bytes_ += segment.raw->kept_bytes();
}

std::string Document::next() {
  std::string piece;
  while (segment_ < segments_.size() && piece.size() < piece_size) {
    Segment& segment = segments_[segment_];
    if (piece.empty()) {
      piece = std::exchange(segment.ready, {});
    } else {
      piece += std::exchange(segment.ready, {});
    }
    if (segment.raw != nullptr && !append_raw(piece)) continue;
    ++segment_;
    part_ = 0;
  }
  return piece;
}

// Whether all of it is taken.
bool Document::append_raw(std::string& piece) {
  const std::vector<api::Text::Part>& parts = segments_[segment_].raw->parts;
  piece.reserve(piece_size + piece_size / 2 + long_text);
  for (; part_ < parts.size(); ++part_, byte_ = 0) {
    if (piece.size() >= piece_size) return false;
    const api::Text::Part& part = parts[part_];
    if (part.make != nullptr && byte_ == 0) made_ = part.make(part.of);
    const std::string_view whole = part.make == nullptr ? part.text : made_;
    const std::string_view taken = whole_characters(whole.substr(byte_), piece_size);
    append_part(piece, taken, part.is_escaped);
    byte_ += taken.size();
    if (byte_ < whole.size()) return false;
  }
  made_ = {};
  return true;
}

std::string encode_answer(Answer answer) {
  Document document(std::move(answer));
  std::string whole;
  while (whole.size() < document.size()) whole += document.next();
  return whole;
}

}  // namespace nubo::rpc
