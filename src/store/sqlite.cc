// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.h"

#include <array>

namespace nubo::sqlite {
namespace {

// Others may hold the file for a moment only: a backup tool, our own second connection.
constexpr int busy_timeout_ms = 5000;

// A checkpoint follows the commit that fills a thousand pages; this has room for that commit.
constexpr sqlite3_int64 log_blocks = 1100;
// Written one by one, for Linux keeps what is written together as one large folio, in which later
// commits take longer.
constexpr std::array<char, 4096> empty_block{};

Failure failure(sqlite3* connection) {
  return fail(Code::internal, "{}", connection ? sqlite3_errmsg(connection) : "out of memory");
}

}  // namespace

void Statement::bind(int place, long long value) {
  sqlite3_bind_int64(handle_.get(), place, value);
}

void Statement::bind(int place, std::string_view value) {
  sqlite3_bind_text64(handle_.get(), place, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int place, const Cell& value) {
  if (const auto* number = std::get_if<long long>(&value)) return bind(place, *number);
  bind(place, std::string_view(std::get<std::string>(value)));
}

Result<bool> Statement::step() {
  const int outcome = sqlite3_step(handle_.get());
  if (outcome == SQLITE_ROW) return true;
  sqlite3* connection = sqlite3_db_handle(handle_.get());
  Error error;
  if (outcome != SQLITE_DONE) error = failure(connection).value();
  reset();
  if (outcome != SQLITE_DONE) return Failure(std::move(error));
  return false;
}

Status Statement::run() {
  bool more = true;
  while (more) {
    NUBO_TRY(more, step());
  }
  return ok();
}

void Statement::reset() { sqlite3_reset(handle_.get()); }

std::string_view Statement::text(int column) const {
  const auto* start = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return start ? std::string_view(start, size) : std::string_view();
}

Result<Connection> Connection::open(const std::string& path, const char* synchronous) {
  Connection connection;
  sqlite3* raw = nullptr;
  const int outcome = sqlite3_open_v2(
      path.c_str(), &raw,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nullptr);
  connection.handle_.reset(raw);
  if (outcome != SQLITE_OK) return failure(raw);
  sqlite3_busy_timeout(raw, busy_timeout_ms);
  NUBO_CHECK(connection.execute("PRAGMA journal_mode=WAL"));
  NUBO_CHECK(connection.execute(std::string("PRAGMA synchronous=") + synchronous));
  return connection;
}

Result<Statement> Connection::prepare(const std::string& sql) {
  Statement statement;
  sqlite3_stmt* raw = nullptr;
  const int outcome = sqlite3_prepare_v3(handle_.get(), sql.c_str(), static_cast<int>(sql.size()),
                                         SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  statement.handle_.reset(raw);
  if (outcome != SQLITE_OK) return failure(handle_.get());
  return statement;
}

void Connection::extend_log() {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (!log || !log->pMethods) return;  // in memory
  constexpr sqlite3_int64 block = empty_block.size();
  sqlite3_int64 size = 0;
  int outcome = log->pMethods->xFileSize(log, &size);
  // What is no frame of the newest run ends the log for whoever reads it.
  for (sqlite3_int64 at = size; outcome == SQLITE_OK && at < log_blocks * block; at += block) {
    outcome = log->pMethods->xWrite(log, empty_block.data(), static_cast<int>(block), at);
  }
  if (outcome == SQLITE_OK) log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}

Status Connection::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return ok();
  return failure(handle_.get());
}

}  // namespace nubo::sqlite
