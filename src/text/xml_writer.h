// SPDX-License-Identifier: Apache-2.0
// XmlWriter: appends elements to one growing string. No prolog, no white space between elements
// (sheet xml.md §1).
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace nubo {

class XmlWriter {
 public:
  explicit XmlWriter(std::string& out) : out_(out) {}

  void open(std::string_view name) { tag("<", name, ">"); }

  void close(std::string_view name) { tag("</", name, ">"); }

  /// `<name/>`
  void empty(std::string_view name) { tag("<", name, "/>"); }

  /// Plain text, with & < > " escaped.
  void text(std::string_view name, std::string_view value);
  /// `<![CDATA[value]]>`; a "]]>" inside the value is split over two sections.
  void cdata(std::string_view name, std::string_view value);

  void number(std::string_view name, long long value) {
    open(name);
    const fmt::format_int digits(value);
    out_.append(digits.data(), digits.size());
    close(name);
  }

  /// Appends what was written by another XmlWriter.
  void raw(std::string_view elements) { out_.append(elements); }

 private:
  void tag(std::string_view before, std::string_view name, std::string_view after) {
    out_.append(before).append(name).append(after);
  }

  std::string& out_;
};

/// `value` with & < > " replaced by entities.
std::string xml_escape(std::string_view value);

}  // namespace nubo
