// SPDX-License-Identifier: Apache-2.0
// Template: the free attributes that users give to objects (sheet xml.md §4-5). An attribute has a
// name and either one value (single) or a map of keys to values (vector); names may repeat. Kept
// sorted by name (byte order), equal names in insertion order: the order that documents show.
#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/numbers.h"
#include "base/result.h"

namespace nubo {

/// The keys of a vector attribute, sorted by name.
class Vector {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  Vector() = default;

  Vector(std::initializer_list<Map::value_type> values) : values_(values) {}

  bool contains(std::string_view key) const { return values_.find(key) != values_.end(); }

  /// The value of `key`, or "" when it is absent.
  const std::string& get(std::string_view key) const;

  /// The value as a number; nothing when absent or not a whole number text.
  template <class T>
  std::optional<T> number(std::string_view key) const {
    return parse_number<T>(get(key));
  }

  /// Whether the value says yes; `otherwise` when it is absent or says neither.
  bool yes(std::string_view key, bool otherwise = false) const;

  void set(std::string key, std::string value) {
    values_.insert_or_assign(std::move(key), std::move(value));
  }

  /// Sets `key` unless it is there with a value that is not empty.
  void set_default(std::string_view key, std::string value);
  bool erase(std::string_view key);

  bool empty() const { return values_.empty(); }

  auto begin() const { return values_.begin(); }

  auto end() const { return values_.end(); }

  bool operator==(const Vector&) const = default;

 private:
  Map values_;
};

struct Attribute {
  std::string name;
  std::variant<std::string, Vector> value;

  const std::string* single() const { return std::get_if<std::string>(&value); }

  const Vector* vector() const { return std::get_if<Vector>(&value); }

  Vector* vector() { return std::get_if<Vector>(&value); }

  bool operator==(const Attribute&) const = default;
};

class Template {
 public:
  Template() = default;
  /// Attributes in any order; those of the same name keep theirs.
  explicit Template(std::vector<Attribute> attributes);

  bool empty() const { return attributes_.empty(); }

  bool contains(std::string_view name) const;
  /// The first single attribute of that name, or "" when there is none.
  const std::string& get(std::string_view name) const;

  /// Its value as a number; nothing when absent or not a whole number text.
  template <class T>
  std::optional<T> number(std::string_view name) const {
    return parse_number<T>(get(name));
  }

  bool yes(std::string_view name, bool otherwise = false) const;
  /// All attributes of that name, in order. Valid until the template changes.
  std::span<const Attribute> named(std::string_view name) const;
  /// The first vector attribute of that name, or nullptr.
  const Vector* vector(std::string_view name) const;
  Vector* vector(std::string_view name);
  /// All vector attributes of that name, in order. Valid until the template changes.
  std::vector<const Vector*> vectors(std::string_view name) const;
  std::vector<Vector*> vectors(std::string_view name);

  /// Puts one more attribute behind those of the same name. Names are taken as they are.
  void add(std::string name, std::string value);
  void add(std::string name, Vector value);
  void add(Attribute attribute);
  /// Replaces all attributes of that name by this one.
  void set(std::string_view name, std::string value);
  void set(std::string_view name, Vector value);
  /// Takes all attributes of that name out; says how many there were.
  std::size_t erase(std::string_view name);
  /// Takes all attributes of that name out and hands them over.
  std::vector<Attribute> take(std::string_view name);

  /// Takes out those that `drop` (bool(const Attribute&)) picks.
  template <class Predicate>
  std::size_t erase_if(Predicate drop) {
    return std::erase_if(attributes_, drop);
  }

  /// Takes out those that `pick` (bool(const Attribute&)) picks and hands them over, in order.
  template <class Predicate>
  std::vector<Attribute> take_if(Predicate pick) {
    const auto first =
        std::stable_partition(attributes_.begin(), attributes_.end(), std::not_fn(pick));
    std::vector<Attribute> taken(std::make_move_iterator(first),
                                 std::make_move_iterator(attributes_.end()));
    attributes_.erase(first, attributes_.end());
    return taken;
  }

  /// Update type 1 (sheet api.md §4): each name in `other` replaces all attributes of that name;
  /// a vector without keys removes the name.
  void merge(const Template& other);
  /// Drops vectors without keys, as storing an object does (sheet xml.md §4).
  void drop_empty_vectors();

  auto begin() const { return attributes_.begin(); }

  auto end() const { return attributes_.end(); }

  std::size_t size() const { return attributes_.size(); }

  bool operator==(const Template&) const = default;

 private:
  std::vector<Attribute> attributes_;  // sorted by name, stable
};

/// Reads untrusted template text, or XML when the first character is '<' (sheet xml.md §5): names
/// in upper case, values trimmed. Errors: Code::internal, "Parse error: syntax error, unexpected X,
/// expecting Y at line L, columns A:B" and the other shapes of that sheet.
Result<Template> parse_template(std::string_view text);

/// Template text, one attribute a line. parse_template() reads it back to an equal template when
/// names and keys are such as text can hold (A-Z, 0-9, _), and values trimmed and without "]]>".
std::string to_text(const Template& attributes);

class XmlWriter;
class XmlNode;

/// The attributes as XML elements without a root: singles and vectors as CDATA (sheet xml.md §4).
void write_attributes(XmlWriter& out, const Template& attributes);

/// Reads children of an element as the attributes of a template (our own stored documents: an
/// element without child elements is a single, empty ones included).
Template read_attributes(const XmlNode& element);

}  // namespace nubo
