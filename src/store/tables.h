// SPDX-License-Identifier: Apache-2.0
// The object tables: one per kind in ObjectKinds, in oned's own shape (sheet objects.md §10.4):
// oid, body (the object's document) and the columns that people select by; and behind them that of
// the VMs that are DONE (archive.h), which nothing reads at start. rows.h says which columns.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace nubo {

using Cell = std::variant<long long, std::string>;

struct TableShape {
  std::string name;
  std::vector<std::string> columns;  // with their SQL types: "oid INTEGER PRIMARY KEY", "body TEXT"
  std::vector<std::string> indexes = {};  // "name ON table (columns)"

  std::vector<std::string> names() const;
};

/// All tables, those of the kinds in the order of ObjectKinds.
const std::vector<TableShape>& table_shapes();

/// Place of the table of DONE VMs in table_shapes().
std::size_t done_table();

}  // namespace nubo
