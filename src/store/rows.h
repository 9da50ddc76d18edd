// SPDX-License-Identifier: Apache-2.0
// Objects as rows and back: which columns each kind has, in oned's own shape (sheet objects.md
// §10.4). For store/*.cc only.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/snapshot.h"
#include "store/tables.h"

namespace nubo {

template <class T>
struct Column {
  const char* definition;
  Cell (*value)(const Entry<T>&);
};

template <class T>
Cell number(T value) {
  return static_cast<long long>(value);
}

template <class T>
void add_own_columns(std::vector<Column<T>>&) {}

inline void add_own_columns(std::vector<Column<Vm>>& columns) {
  using E = const Entry<Vm>&;
  columns.push_back({"state INTEGER", [](E e) { return number(e.object.state); }});
  columns.push_back({"lcm_state INTEGER", [](E e) { return number(e.object.lcm_state); }});
  columns.push_back({"resched INTEGER", [](E e) { return number(e.object.resched); }});
}

inline void add_own_columns(std::vector<Column<Host>>& columns) {
  using E = const Entry<Host>&;
  columns.push_back({"state INTEGER", [](E e) { return number(e.object.state); }});
  columns.push_back({"cid INTEGER", [](E e) { return number(e.object.cluster_id.value); }});
}

inline void add_own_columns(std::vector<Column<VirtualNetwork>>& columns) {
  using E = const Entry<VirtualNetwork>&;
  columns.push_back({"pid INTEGER", [](E e) {
                       return number(parse_number<int>(e.object.parent_network_id).value_or(-1));
                     }});
}

inline void add_own_columns(std::vector<Column<AclRule>>& columns) {
  using E = const Entry<AclRule>&;
  columns.push_back({"userset INTEGER", [](E e) { return number(e.object.user); }});
  columns.push_back({"resource INTEGER", [](E e) { return number(e.object.resource); }});
  columns.push_back({"rights INTEGER", [](E e) { return number(e.object.rights); }});
  columns.push_back({"zone INTEGER", [](E e) { return number(e.object.zone); }});
}

template <class T>
std::vector<Column<T>> make_columns() {
  using E = const Entry<T>&;
  std::vector<Column<T>> columns{
      {"oid INTEGER PRIMARY KEY", [](E e) { return number(e.object.id.value); }},
      {"body TEXT", [](E e) { return Cell(to_xml(T::root, e.object, Form::stored)); }}};
  if constexpr (requires(const T& object) { object.name; }) {
    columns.push_back({"name TEXT", [](E e) { return Cell(e.object.name); }});
  }
  if constexpr (std::is_base_of_v<Owned, T>) {
    columns.push_back({"uid INTEGER", [](E e) { return number(e.object.uid.value); }});
    columns.push_back({"gid INTEGER", [](E e) { return number(e.object.gid.value); }});
    columns.push_back(
        {"owner_u INTEGER", [](E e) { return number(e.object.permissions.owner_u); }});
    columns.push_back(
        {"group_u INTEGER", [](E e) { return number(e.object.permissions.group_u); }});
    columns.push_back(
        {"other_u INTEGER", [](E e) { return number(e.object.permissions.other_u); }});
  }
  add_own_columns(columns);
  return columns;
}

template <class T>
const std::vector<Column<T>>& columns_of() {
  static const std::vector<Column<T>> columns = make_columns<T>();
  return columns;
}

/// Those of the table of DONE VMs: the short ones first, so that they are read without the rest.
inline const std::vector<Column<Vm>>& done_columns() {
  using E = const Entry<Vm>&;
  static const std::vector<Column<Vm>> columns{
      {"oid INTEGER PRIMARY KEY", [](E e) { return number(e.object.id.value); }},
      {"uid INTEGER", [](E e) { return number(e.object.uid.value); }},
      {"gid INTEGER", [](E e) { return number(e.object.gid.value); }},
      {"owner_u INTEGER", [](E e) { return number(e.object.permissions.owner_u); }},
      {"group_u INTEGER", [](E e) { return number(e.object.permissions.group_u); }},
      {"other_u INTEGER", [](E e) { return number(e.object.permissions.other_u); }},
      {"stime INTEGER", [](E e) { return number(e.object.start_time.count()); }},
      {"etime INTEGER", [](E e) { return number(e.object.end_time.count()); }},
      {"short_body TEXT", [](E e) { return Cell(short_document(e.object)); }},
      {"body TEXT", [](E e) { return Cell(to_xml(Vm::root, e.object, Form::stored)); }},
  };
  return columns;
}

/// The cells of an object's row, in the order of its table's columns.
template <class T>
std::vector<Cell> row_of(const Entry<T>& entry,
                         const std::vector<Column<T>>& columns = columns_of<T>()) {
  std::vector<Cell> cells;
  for (const Column<T>& column : columns) cells.push_back(column.value(entry));
  return cells;
}

/// The object in a row's body. Code::internal when it is not one.
template <class T>
Result<T> object_of(int oid, std::string_view body) {
  const auto document = XmlDocument::parse(body);
  if (!document || document->root().name() != T::root) {
    return fail(Code::internal, "row {} of table {} holds no {} document", oid, T::table, T::root);
  }
  T object;
  read_fields(document->root(), object);
  object.id.value = oid;
  return object;
}

}  // namespace nubo
