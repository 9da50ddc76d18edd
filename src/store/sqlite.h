// SPDX-License-Identifier: Apache-2.0
// A thin cover over SQLite's C interface, for store/*.cc only: connections and prepared statements
// that close themselves, failures as Code::internal with SQLite's own words. One thread at a time.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/tables.h"

namespace nubo::sqlite {

class Statement {
 public:
  Statement() = default;

  /// Binds the n-th parameter, counted from 1.
  void bind(int place, long long value);
  /// The text must outlive the step.
  void bind(int place, std::string_view value);
  void bind(int place, const Cell& value);
  /// True: a row is there to be read. False: done. The statement can be used again after false,
  /// an error or reset().
  Result<bool> step();
  /// step() until done.
  Status run();
  void reset();

  long long integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

  /// Valid until the next step.
  std::string_view text(int column) const;

 private:
  friend class Connection;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

class Connection {
 public:
  /// Opens or creates the file in WAL mode; `synchronous` is "FULL" or "NORMAL".
  static Result<Connection> open(const std::string& path, const char* synchronous);

  Result<Statement> prepare(const std::string& sql);
  /// Statements without parameters and results.
  Status execute(const std::string& sql);
  /// Brings the log to the length at which SQLite begins it anew: a commit that makes the file
  /// longer waits for the file system's journal as well. Inside a write transaction; where the
  /// disk has no room, the log grows as it is written.
  void extend_log();

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace nubo::sqlite
