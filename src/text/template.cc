// SPDX-License-Identifier: Apache-2.0
#include "text/template.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <span>

#include "text/xml_reader.h"
#include "text/xml_writer.h"

namespace nubo {
namespace {

const std::string nothing;

// A span: the ranges of GCC's library do not compile with clang 14, which builds the fuzzers.
template <class Attributes>
auto range_of(Attributes& attributes, std::string_view name) {
  const auto first = std::ranges::lower_bound(attributes, name, {}, &Attribute::name);
  const auto is_another = [name](const Attribute& attribute) { return attribute.name != name; };
  return std::span(first, std::find_if(first, attributes.end(), is_another));
}

bool is_empty_vector(const Attribute& attribute) {
  const Vector* vector = attribute.vector();
  return vector && vector->empty();
}

}  // namespace

const std::string& Vector::get(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nothing : found->second;
}

bool Vector::yes(std::string_view key, bool otherwise) const {
  return parse_yes_no(get(key)).value_or(otherwise);
}

void Vector::set_default(std::string_view key, std::string value) {
  if (get(key).empty()) set(std::string(key), std::move(value));
}

bool Vector::erase(std::string_view key) {
  const auto found = values_.find(key);
  if (found == values_.end()) return false;
  values_.erase(found);
  return true;
}

Template::Template(std::vector<Attribute> attributes) : attributes_(std::move(attributes)) {
  std::ranges::stable_sort(attributes_, {}, &Attribute::name);
}

std::span<const Attribute> Template::named(std::string_view name) const {
  return range_of(attributes_, name);
}

bool Template::contains(std::string_view name) const {
  return !range_of(attributes_, name).empty();
}

const std::string& Template::get(std::string_view name) const {
  for (const Attribute& attribute : range_of(attributes_, name)) {
    if (const std::string* value = attribute.single()) return *value;
  }
  return nothing;
}

bool Template::yes(std::string_view name, bool otherwise) const {
  return parse_yes_no(get(name)).value_or(otherwise);
}

const Vector* Template::vector(std::string_view name) const {
  for (const Attribute& attribute : range_of(attributes_, name)) {
    if (const Vector* value = attribute.vector()) return value;
  }
  return nullptr;
}

Vector* Template::vector(std::string_view name) {
  for (Attribute& attribute : range_of(attributes_, name)) {
    if (Vector* value = attribute.vector()) return value;
  }
  return nullptr;
}

std::vector<const Vector*> Template::vectors(std::string_view name) const {
  std::vector<const Vector*> found;
  for (const Attribute& attribute : range_of(attributes_, name)) {
    if (const Vector* value = attribute.vector()) found.push_back(value);
  }
  return found;
}

std::vector<Vector*> Template::vectors(std::string_view name) {
  std::vector<Vector*> found;
  for (Attribute& attribute : range_of(attributes_, name)) {
    if (Vector* value = attribute.vector()) found.push_back(value);
  }
  return found;
}

void Template::add(std::string name, std::string value) {
  add(Attribute{std::move(name), std::move(value)});
}

void Template::add(std::string name, Vector value) {
  add(Attribute{std::move(name), std::move(value)});
}

void Template::add(Attribute attribute) {
  const auto place = std::ranges::upper_bound(attributes_, attribute.name, {}, &Attribute::name);
  attributes_.insert(place, std::move(attribute));
}

void Template::set(std::string_view name, std::string value) {
  erase(name);
  add(std::string(name), std::move(value));
}

void Template::set(std::string_view name, Vector value) {
  erase(name);
  add(std::string(name), std::move(value));
}

std::size_t Template::erase(std::string_view name) { return take(name).size(); }

std::vector<Attribute> Template::take(std::string_view name) {
  const auto found = range_of(attributes_, name);
  std::vector<Attribute> taken(std::make_move_iterator(found.begin()),
                               std::make_move_iterator(found.end()));
  const auto first = attributes_.begin() + (found.data() - attributes_.data());
  attributes_.erase(first, first + std::ssize(found));
  return taken;
}

void Template::merge(const Template& other) {
  erase_if([&other](const Attribute& attribute) { return other.contains(attribute.name); });
  std::ranges::copy_if(other, std::back_inserter(attributes_), std::not_fn(is_empty_vector));
  std::ranges::stable_sort(attributes_, {}, &Attribute::name);
}

void Template::drop_empty_vectors() { erase_if(is_empty_vector); }

void write_attributes(XmlWriter& out, const Template& attributes) {
  for (const Attribute& attribute : attributes) {
    if (const std::string* value = attribute.single()) {
      out.cdata(attribute.name, *value);
      continue;
    }
    out.open(attribute.name);
    for (const auto& [key, value] : *attribute.vector()) out.cdata(key, value);
    out.close(attribute.name);
  }
}

Template read_attributes(const XmlNode& element) {
  Template attributes;
  for (const XmlNode& child : element.children()) {
    if (!child.has_children()) {
      attributes.add(std::string(child.name()), child.text());
      continue;
    }
    Vector vector;
    for (const XmlNode& key : child.children()) vector.set(std::string(key.name()), key.text());
    attributes.add(std::string(child.name()), std::move(vector));
  }
  return attributes;
}

}  // namespace nubo
