// SPDX-License-Identifier: Apache-2.0
#include "api/vm_search.h"

#include <algorithm>
#include <span>

#include "text/trim.h"
#include "text/xml_reader.h"

namespace nubo::api {
namespace {

using Path = std::span<const std::string>;

/// Calls `f` for each part of a text between separators.
template <class F>
void for_each_part(std::string_view text, char separator, F&& f) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    f(part);
  }
}

bool has_text(const XmlNode& node, const std::string& value) {
  return lower_case(node.text()).find(value) != std::string::npos;
}

bool is_anywhere(const XmlNode& node, const std::string& value) {
  if (has_text(node, value)) return true;
  return std::ranges::any_of(node.children(),
                             [&value](const XmlNode& child) { return is_anywhere(child, value); });
}

bool is_at(const XmlNode& node, Path path, const std::string& value) {
  if (path.empty()) return has_text(node, value);
  return std::ranges::any_of(node.children(path.front()), [&](const XmlNode& child) {
    return is_at(child, path.subspan(1), value);
  });
}

}  // namespace

VmSearch::VmSearch(std::string_view query) {
  for_each_part(query, '&', [this](std::string_view part) {
    Term term;
    const std::size_t equals = part.find('=');
    if (equals != part.npos) {
      // All of several equal elements are looked at, with or without an index.
      for_each_part(part.substr(0, equals), '.', [&term](std::string_view name) {
        term.path.emplace_back(name.substr(0, name.find('[')));
      });
      part.remove_prefix(equals + 1);
    }
    term.value = lower_case(part);
    terms_.push_back(std::move(term));
  });
}

bool VmSearch::finds(const Vm& vm) const {
  if (finds_all()) return true;
  const auto document = XmlDocument::parse(to_xml(Vm::root, vm, Form::shown));
  if (!document) return false;
  return std::ranges::all_of(terms_, [root = document->root()](const Term& term) {
    if (term.path.empty()) return is_anywhere(root, term.value);
    return term.path.front() == root.name() && is_at(root, Path(term.path).subspan(1), term.value);
  });
}

}  // namespace nubo::api
