// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/undo.h"
#include "store/database.h"
#include "store/id_counters.h"
#include "store/sqlite.h"

namespace nubo {
namespace {

using sqlite::Connection;
using sqlite::Statement;

// Steps that bring an older schema up to date: step n makes version n + 2. Tables that are
// missing are made without a step.
constexpr std::array<const char*, 3> schema_steps{
    // VMs that are DONE (state 6) have a table of their own.
    "INSERT INTO vm_done SELECT oid, uid, gid, owner_u, group_u, other_u, "
    "CAST(substr(body, instr(body, '<STIME>') + 7, 20) AS INTEGER), "
    "CAST(substr(body, instr(body, '<ETIME>') + 7, 20) AS INTEGER), short_body, body "
    "FROM vm_pool WHERE state = 6; DELETE FROM vm_pool WHERE state = 6",
    // What lists show of a living VM is made in memory.
    "ALTER TABLE vm_pool DROP COLUMN short_body",
    // Nothing to do: a program that takes the last ids from pool_control alone must not go on.
    ""};
constexpr std::string_view in_memory = ":memory:";
constexpr int first_version = 1;
constexpr int schema_version = first_version + static_cast<int>(schema_steps.size());

// A lock file beside the database, held as long as the process lives. SQLite's own locks would
// either let a second daemon in or keep backup tools out.
class LockFile {
 public:
  LockFile() = default;

  LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

  LockFile& operator=(LockFile&&) = delete;

  ~LockFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  Status take(const std::string& path) {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) return fail(Code::internal, "cannot open {}: {}", path, strerror(errno));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return ok();
    return fail(Code::internal, "another process holds {}", path);
  }

 private:
  int descriptor_ = -1;
};

class SqliteDatabase final : public Database {
 public:
  /// In memory under a name that no other has, so that the archive's connections find it too.
  SqliteDatabase(LockFile lock, const std::string& path)
      : lock_(std::move(lock)),
        path_(path == in_memory ? fmt::format("file:/nubo-{}?vfs=memdb", fmt::ptr(this)) : path),
        archive_(path_) {}

  Status prepare();
  Status read(std::size_t table, const std::function<Status(int, std::string_view)>& row) override;

  std::vector<int> counters() const override { return counters_.last(); }

  Status write(const Writes& writes) override;

  const Archive& archive() const override { return archive_; }

 private:
  struct TableStatements {
    Statement put;
    Statement erase;
  };

  Status create_tables();
  Status update_schema();
  Status note_version(int version);
  Status prepare_statements();
  Status read_counters();
  Status write_rows(const Writes& writes, const IdCounters::Due& due);

  LockFile lock_;
  const std::string path_;
  Connection connection_;
  std::vector<TableStatements> tables_;
  Statement put_counter_;
  Statement begin_, commit_, rollback_;
  IdCounters counters_;
  Archive archive_;
};

Status SqliteDatabase::prepare() {
  NUBO_TRY(connection_, Connection::open(path_, "FULL"));
  NUBO_CHECK(connection_.execute("BEGIN IMMEDIATE"));
  NUBO_CHECK(update_schema());
  connection_.extend_log();
  NUBO_CHECK(connection_.execute("COMMIT"));
  NUBO_CHECK(prepare_statements());
  return read_counters();
}

Status SqliteDatabase::update_schema() {
  NUBO_CHECK(
      connection_.execute("CREATE TABLE IF NOT EXISTS db_versioning (oid INTEGER PRIMARY "
                          "KEY, version INTEGER, timestamp INTEGER, comment TEXT)"));
  NUBO_TRY(Statement newest, connection_.prepare("SELECT max(version) FROM db_versioning"));
  NUBO_CHECK(newest.step());
  const auto version = static_cast<int>(newest.integer(0));
  newest.reset();
  if (version > schema_version) {
    return fail(Code::internal, "the database has schema version {}, this program knows up to {}",
                version, schema_version);
  }
  NUBO_CHECK(create_tables());
  if (version == 0) return note_version(schema_version);  // a new database
  for (int before = version; before < schema_version; ++before) {
    const auto step = static_cast<std::size_t>(before - first_version);
    NUBO_CHECK(connection_.execute(schema_steps.at(step)));
    NUBO_CHECK(note_version(before + 1));
  }
  return ok();
}

Status SqliteDatabase::note_version(int version) {
  return connection_.execute(
      fmt::format("INSERT INTO db_versioning (version, timestamp, comment) "
                  "VALUES ({}, strftime('%s'), 'Nubo schema')",
                  version));
}

Status SqliteDatabase::create_tables() {
  NUBO_CHECK(
      connection_.execute("CREATE TABLE IF NOT EXISTS pool_control "
                          "(tablename TEXT PRIMARY KEY, last_oid INTEGER)"));
  for (const TableShape& table : table_shapes()) {
    NUBO_CHECK(connection_.execute(fmt::format("CREATE TABLE IF NOT EXISTS {} ({})", table.name,
                                               fmt::join(table.columns, ", "))));
    for (const std::string& index : table.indexes) {
      NUBO_CHECK(connection_.execute("CREATE INDEX IF NOT EXISTS " + index));
    }
  }
  return ok();
}

Status SqliteDatabase::prepare_statements() {
  for (const TableShape& table : table_shapes()) {
    const std::vector<std::string> marks(table.columns.size(), "?");
    TableStatements statements;
    NUBO_TRY(statements.put, connection_.prepare(fmt::format(
                                 "REPLACE INTO {} ({}) VALUES ({})", table.name,
                                 fmt::join(table.names(), ", "), fmt::join(marks, ", "))));
    NUBO_TRY(statements.erase,
             connection_.prepare(fmt::format("DELETE FROM {} WHERE oid = ?", table.name)));
    tables_.push_back(std::move(statements));
  }
  // REPLACE would write the table's index as well, a further page in every transaction.
  NUBO_TRY(put_counter_,
           connection_.prepare("INSERT INTO pool_control VALUES (?, ?) ON CONFLICT (tablename) "
                               "DO UPDATE SET last_oid = excluded.last_oid"));
  NUBO_TRY(begin_, connection_.prepare("BEGIN IMMEDIATE"));
  NUBO_TRY(commit_, connection_.prepare("COMMIT"));
  NUBO_TRY(rollback_, connection_.prepare("ROLLBACK"));
  return ok();
}

Status SqliteDatabase::read(std::size_t table,
                            const std::function<Status(int, std::string_view)>& row) {
  NUBO_TRY(Statement rows, connection_.prepare(fmt::format("SELECT oid, body FROM {} ORDER BY oid",
                                                           table_shapes().at(table).name)));
  while (true) {
    NUBO_TRY(const bool more, rows.step());
    if (!more) return ok();
    NUBO_CHECK(row(static_cast<int>(rows.integer(0)), rows.text(1)));
  }
}

Status SqliteDatabase::read_counters() {
  NUBO_TRY(Statement kept,
           connection_.prepare("SELECT last_oid FROM pool_control WHERE tablename = ?"));
  for (const TableShape& table : table_shapes()) {
    NUBO_TRY(Statement newest,
             connection_.prepare(fmt::format("SELECT ifnull(max(oid), -1) FROM {}", table.name)));
    NUBO_CHECK(newest.step());
    kept.bind(1, std::string_view(table.name));
    NUBO_TRY(const bool is_kept, kept.step());
    counters_.add_table(is_kept ? static_cast<int>(kept.integer(0)) : -1,
                        static_cast<int>(newest.integer(0)));
    kept.reset();
  }
  return ok();
}

Status SqliteDatabase::write_rows(const Writes& writes, const IdCounters::Due& due) {
  for (const RowWrite& row : writes.rows) {
    Statement& statement = row.cells.empty() ? tables_[row.table].erase : tables_[row.table].put;
    if (row.cells.empty()) statement.bind(1, static_cast<long long>(row.oid));
    for (std::size_t place = 0; place < row.cells.size(); ++place) {
      statement.bind(static_cast<int>(place) + 1, row.cells[place]);
    }
    NUBO_CHECK(statement.run());
  }
  for (const auto& [table, last] : due) {
    put_counter_.bind(1, std::string_view(table_shapes()[table].name));
    put_counter_.bind(2, static_cast<long long>(last));
    NUBO_CHECK(put_counter_.run());
  }
  return ok();
}

Status SqliteDatabase::write(const Writes& writes) {
  IdCounters counters = counters_;
  const IdCounters::Due due = counters.advance(writes);
  NUBO_CHECK(begin_.run());
  Undo undo;
  // After some errors SQLite has rolled back by itself; a second time then only says so.
  undo.push([this] { (void)rollback_.run(); });
  NUBO_CHECK(write_rows(writes, due));
  NUBO_CHECK(commit_.run());
  undo.commit();
  counters_ = std::move(counters);
  return ok();
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path) {
  const auto explain = [&path](const Error& error) {
    return context(error, fmt::format("cannot open the database {}", path));
  };
  LockFile lock;
  if (path != in_memory) {
    if (const Status taken = lock.take(path + ".lock"); !taken) return explain(taken.error());
  }
  auto database = std::make_unique<SqliteDatabase>(std::move(lock), path);
  if (const Status ready = database->prepare(); !ready) return explain(ready.error());
  return database;
}

}  // namespace nubo
