// SPDX-License-Identifier: Apache-2.0
#include "store/tables.h"

#include <fmt/format.h>

#include "store/rows.h"

namespace nubo {
namespace {

template <class T>
TableShape shape_of() {
  TableShape shape{T::table, {}};
  for (const Column<T>& column : columns_of<T>()) shape.columns.emplace_back(column.definition);
  return shape;
}

// Both indexes hold all that lists ask before they read a document.
TableShape done_shape() {
  constexpr const char* others = "gid, owner_u, group_u, other_u, stime, etime";
  TableShape shape{"vm_done", {}, {}};
  shape.indexes = {fmt::format("vm_done_heads ON vm_done (oid, uid, {})", others),
                   fmt::format("vm_done_owners ON vm_done (uid, oid, {})", others)};
  for (const Column<Vm>& column : done_columns()) shape.columns.emplace_back(column.definition);
  return shape;
}

template <class... T>
std::vector<TableShape> make_shapes(std::type_identity<std::tuple<T...>>) {
  return {shape_of<T>()..., done_shape()};
}

}  // namespace

std::vector<std::string> TableShape::names() const {
  std::vector<std::string> names;
  for (const std::string& column : columns) names.push_back(column.substr(0, column.find(' ')));
  return names;
}

const std::vector<TableShape>& table_shapes() {
  static const std::vector<TableShape> shapes = make_shapes(std::type_identity<ObjectKinds>{});
  return shapes;
}

std::size_t done_table() { return table_shapes().size() - 1; }

}  // namespace nubo
