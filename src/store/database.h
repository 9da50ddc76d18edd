// SPDX-License-Identifier: Apache-2.0
// Database: where rows are kept; the one interface that another backend has to stand behind. The
// writer's thread uses it alone (at start: the thread that opens it). SQLite stays behind
// sqlite_database.cc: WAL, synchronous=FULL, so a write that returned well survives a power cut.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/archive.h"
#include "store/tables.h"

namespace nubo {

/// One row to be put in place, or to be taken out when it has no cells.
struct RowWrite {
  std::size_t table;  // place in table_shapes()
  int oid;
  std::vector<Cell> cells;
};

struct Writes {
  std::vector<RowWrite> rows;
  std::vector<std::pair<std::size_t, int>> counters;  // table, last id given out
};

class Database {
 public:
  virtual ~Database() = default;

  /// Calls `row(oid, body)` for each row, by ascending oid, until one call fails.
  virtual Status read(std::size_t table,
                      const std::function<Status(int, std::string_view)>& row) = 0;
  /// The last ids given out, by table; -1 where none was.
  virtual std::vector<int> counters() const = 0;
  /// All or nothing, durable on return. Code::internal with the reason; may be tried again.
  virtual Status write(const Writes& writes) = 0;
  /// The VMs that are DONE, for any thread; as long as the database.
  virtual const Archive& archive() const = 0;
};

/// Opens or creates the file and brings its schema up to date. Code::internal when it cannot be
/// opened, is in use by another process, or is of a newer version. The path ":memory:" is private.
Result<std::unique_ptr<Database>> open_sqlite(const std::string& path);

}  // namespace nubo
