// SPDX-License-Identifier: Apache-2.0
// PackedTemplate: attributes kept as the elements that documents show of them, in one shared text.
// It takes a third of a Template's memory, copies like a pointer and is written without work; to
// read an attribute the text before it is passed over. For attributes that are many and seldom
// read, such as what users note on their machines.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "text/template.h"

namespace nubo {

class PackedTemplate {
 public:
  PackedTemplate() = default;
  PackedTemplate(const Template& attributes);  // NOLINT: one is the other, kept differently

  bool empty() const { return !elements_; }

  bool contains(std::string_view name) const;
  /// The first single attribute of that name, or "" when there is none.
  std::string get(std::string_view name) const;

  /// Its value as a number; nothing when absent or not a whole number text.
  template <class T>
  std::optional<T> number(std::string_view name) const {
    return parse_number<T>(get(name));
  }

  /// Replaces all attributes of that name by this one.
  void set(std::string_view name, std::string value);
  /// Takes all attributes of that name out.
  void erase(std::string_view name);

  Template unpack() const;

  /// The attributes as XML elements without a root, as write_attributes() writes them.
  std::string_view elements() const { return elements_ ? *elements_ : std::string_view(); }

  bool operator==(const PackedTemplate& other) const { return elements() == other.elements(); }

 private:
  std::shared_ptr<const std::string> elements_;  // null: no attributes
};

}  // namespace nubo
