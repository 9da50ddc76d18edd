// SPDX-License-Identifier: Apache-2.0
#include "model/virtual_network.h"

#include <fmt/format.h>

#include <iterator>

namespace nubo {
namespace {

constexpr const char* allocated_key = "ALLOCATED";

std::string allocated_text(const AddressRange& range) {
  std::string text;
  for (const auto& [index, owner] : range.allocated) {
    fmt::format_to(std::back_inserter(text), " {} {}", index, owner);
  }
  return text;
}

std::string_view next_word(std::string_view& text) {
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

void write_field(XmlWriter& out, std::string_view name, const AddressRange& range, unsigned) {
  Vector keys = range.attributes;
  if (!range.allocated.empty()) keys.set(allocated_key, allocated_text(range));
  out.open(name);
  for (const auto& [key, value] : keys) out.cdata(key, value);
  out.close(name);
}

void read_field(const XmlNode& element, AddressRange& range) {
  for (const XmlNode& key : element.children()) {
    if (key.name() == allocated_key && !key.text().empty()) continue;
    range.attributes.set(std::string(key.name()), key.text());
  }
  const std::string text = element.get(allocated_key);
  std::string_view rest = text;
  while (true) {
    const auto index = parse_number<std::uint32_t>(next_word(rest));
    const auto owner = parse_number<std::uint64_t>(next_word(rest));
    if (!index || !owner) break;
    range.allocated.emplace(*index, *owner);
  }
}

}  // namespace nubo
