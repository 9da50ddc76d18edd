// SPDX-License-Identifier: Apache-2.0
// Field lists: an object names its fields once, in wire order, and visitors write it as XML, read
// it back, and so on.
//
//   struct Host {
//     HostId id; std::string name; Template attributes;
//     template <class S = Host>
//     static constexpr auto fields() {
//       return std::tuple{Field{"ID", &S::id}, Field{"NAME", &S::name},
//                         Field{"TEMPLATE", &S::attributes}};
//     }
//   };
//
// It is a template so that only files which walk the list pay for compiling it.
//
// A type that needs its own shape provides write_field(XmlWriter&, name, const T&, flags) and
// read_field(XmlNode element, T&) found by argument-dependent lookup; the overloads below serve
// numbers, booleans (0/1), strings, strong ids, times, enums, optionals (absent when empty),
// id sets, structs with fields(), vectors of such structs (repeated elements) and templates.
#pragma once

#include <chrono>
#include <concepts>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/numbers.h"
#include "base/result.h"
#include "text/packed_template.h"
#include "text/template.h"
#include "text/xml_reader.h"
#include "text/xml_writer.h"

namespace nubo {

enum FieldFlags : unsigned {
  plain = 0,
  cdata = 1,        // written as CDATA
  self_closed = 2,  // written as <X/> when empty (sheet xml.md §1, "empty forms")
  stored_only = 4,  // in the database, never shown by the API
  shown_only = 8,   // computed or kept elsewhere; not read back from the database
  in_shown = 16,    // set by write_fields() alone: the form that is being written
};

enum class Form { stored, shown };

template <class Class, class Member>
struct Field {
  std::string_view name;
  Member Class::*member;
  unsigned flags = plain;
};

template <class Class, class Member>
Field(std::string_view, Member Class::*) -> Field<Class, Member>;
template <class Class, class Member>
Field(std::string_view, Member Class::*, FieldFlags) -> Field<Class, Member>;
template <class Class, class Member>
Field(std::string_view, Member Class::*, unsigned) -> Field<Class, Member>;

template <class T>
concept HasFields = requires {
  T::fields();
};

template <class T>
using IdSet = std::set<Id<T>>;

template <HasFields T>
void write_fields(XmlWriter& out, const T& object, Form form);
template <HasFields T>
void read_fields(const XmlNode& element, T& object);

/// Whether the field stands in that form of the document.
constexpr bool in_form(unsigned flags, Form form) {
  return (flags & (form == Form::stored ? shown_only : stored_only)) == 0;
}

// --- how one value is written -------------------------------------------------------------------

inline void write_field(XmlWriter& out, std::string_view name, const std::string& value,
                        unsigned flags) {
  if (value.empty() && (flags & self_closed)) return out.empty(name);
  if (flags & cdata) return out.cdata(name, value);
  out.text(name, value);
}

template <class T>

requires(std::integral<T> || std::is_enum_v<T>) void write_field(XmlWriter& out,
                                                                 std::string_view name, T value,
                                                                 unsigned flags) {
  if (flags & cdata) return out.cdata(name, std::to_string(static_cast<long long>(value)));
  out.number(name, static_cast<long long>(value));
}

template <class Tag>
void write_field(XmlWriter& out, std::string_view name, Id<Tag> id, unsigned flags) {
  write_field(out, name, id.value, flags);
}

inline void write_field(XmlWriter& out, std::string_view name, EpochSeconds time, unsigned flags) {
  write_field(out, name, time.count(), flags);
}

inline void write_field(XmlWriter& out, std::string_view name, const Template& value,
                        unsigned flags) {
  if (value.empty() && (flags & self_closed)) return out.empty(name);
  out.open(name);
  write_attributes(out, value);
  out.close(name);
}

inline void write_field(XmlWriter& out, std::string_view name, const PackedTemplate& value,
                        unsigned) {
  out.open(name);
  out.raw(value.elements());
  out.close(name);
}

template <class Tag>
void write_field(XmlWriter& out, std::string_view name, const std::set<Id<Tag>>& ids, unsigned) {
  out.open(name);
  for (const Id<Tag> id : ids) out.number("ID", id.value);
  out.close(name);
}

template <HasFields T>
void write_field(XmlWriter& out, std::string_view name, const T& value, unsigned flags) {
  out.open(name);
  write_fields(out, value, flags & in_shown ? Form::shown : Form::stored);
  out.close(name);
}

template <class T>
void write_field(XmlWriter& out, std::string_view name, const std::vector<T>& values,
                 unsigned flags) {
  for (const T& value : values) write_field(out, name, value, flags);
}

template <class T>
void write_field(XmlWriter& out, std::string_view name, const std::optional<T>& value,
                 unsigned flags) {
  if (value) write_field(out, name, *value, flags);
}

// --- how one value is read ----------------------------------------------------------------------

inline void read_field(const XmlNode& element, std::string& value) { value = element.text(); }

template <class T>

requires(std::integral<T> || std::is_enum_v<T>) void read_field(const XmlNode& element, T& value) {
  value = static_cast<T>(parse_number<long long>(element.text()).value_or(0));
}

template <class Tag>
void read_field(const XmlNode& element, Id<Tag>& id) {
  id.value = parse_number<int>(element.text()).value_or(-1);
}

inline void read_field(const XmlNode& element, EpochSeconds& time) {
  time = EpochSeconds(parse_number<long long>(element.text()).value_or(0));
}

inline void read_field(const XmlNode& element, Template& value) {
  value = read_attributes(element);
}

inline void read_field(const XmlNode& element, PackedTemplate& value) {
  value = read_attributes(element);
}

template <class Tag>
void read_field(const XmlNode& element, std::set<Id<Tag>>& ids) {
  for (const XmlNode& child : element.children("ID")) {
    ids.insert(Id<Tag>{parse_number<int>(child.text()).value_or(-1)});
  }
}

template <HasFields T>
void read_field(const XmlNode& element, T& value) {
  read_fields(element, value);
}

template <class T>
void read_field(const XmlNode& element, std::optional<T>& value) {
  read_field(element, value.emplace());
}

// --- whole objects ------------------------------------------------------------------------------

template <class T>
struct IsRepeated : std::false_type {};

template <class T>
struct IsRepeated<std::vector<T>> : std::true_type {};

/// The object's fields as child elements, in the order of its list.
template <HasFields T>
void write_fields(XmlWriter& out, const T& object, Form form) {
  const unsigned shown = form == Form::shown ? in_shown : plain;
  std::apply(
      [&](const auto&... field) {
        ((in_form(field.flags, form)
              ? write_field(out, field.name, object.*(field.member), field.flags | shown)
              : void()),
         ...);
      },
      T::fields());
}

template <HasFields T, class Class, class Member>
void read_member(const XmlNode& element, T& object, const Field<Class, Member>& field) {
  if (!in_form(field.flags, Form::stored)) return;
  if constexpr (IsRepeated<Member>::value) {
    for (const XmlNode& child : element.children(field.name)) {
      read_field(child, (object.*(field.member)).emplace_back());
    }
  } else if (const XmlNode child = element.child(field.name)) {
    read_field(child, object.*(field.member));
  }
}

/// Reads what write_fields(…, Form::stored) wrote; elements that are absent leave their member.
template <HasFields T>
void read_fields(const XmlNode& element, T& object) {
  std::apply([&](const auto&... field) { (read_member(element, object, field), ...); },
             T::fields());
}

/// `<root>…</root>`
template <HasFields T>
std::string to_xml(std::string_view root, const T& object, Form form) {
  std::string body;
  XmlWriter out(body);
  out.open(root);
  write_fields(out, object, form);
  out.close(root);
  return body;
}

}  // namespace nubo
