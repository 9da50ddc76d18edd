// SPDX-License-Identifier: Apache-2.0
// XmlWriter: appends elements to one growing string. No prolog, no white space between elements
// (sheet xml.md §1).
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace nubo {

class XmlWriter {
 public:
  explicit XmlWriter(std::string& out) : out_(out) {}

  void open(std::string_view name) { append("<", name, ">"); }

  void close(std::string_view name) { append("</", name, ">"); }

  /// `<name/>`
  void empty(std::string_view name) { append("<", name, "/>"); }

  /// Plain text, with & < > " escaped.
  void text(std::string_view name, std::string_view value);
  /// `<![CDATA[value]]>`; a "]]>" inside the value is split over two sections.
  void cdata(std::string_view name, std::string_view value);

  void number(std::string_view name, long long value) {
    const fmt::format_int digits(value);
    append("<", name, ">", std::string_view(digits.data(), digits.size()), "</", name, ">");
  }

  /// Appends what was written by another XmlWriter.
  void raw(std::string_view elements) { out_.append(elements); }

 private:
  /// All parts, for the price of one growth.
  template <class... Part>
  void append(const Part&... parts) {
    const std::size_t size = out_.size();
    out_.resize(size + (std::string_view(parts).size() + ...));
    char* at = out_.data() + size;
    ((at = put(at, parts)), ...);
  }

  static char* put(char* at, std::string_view part) {
    return std::copy(part.begin(), part.end(), at);
  }

  std::string& out_;
};

/// `value` with & < > " replaced by entities.
std::string xml_escape(std::string_view value);

}  // namespace nubo
