// SPDX-License-Identifier: Apache-2.0
#include "store/tables.h"

#include "store/rows.h"

namespace nubo {
namespace {

template <class T>
TableShape shape_of() {
  TableShape shape{T::table, {}};
  for (const Column<T>& column : columns_of<T>()) shape.columns.emplace_back(column.definition);
  return shape;
}

template <class... T>
std::vector<TableShape> make_shapes(std::type_identity<std::tuple<T...>>) {
  return {shape_of<T>()...};
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

}  // namespace nubo
