// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.h"

namespace nubo::sqlite {
namespace {

// Others may hold the file for a moment only: a backup tool, our own second connection.
constexpr int busy_timeout_ms = 5000;

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
  const int outcome =
      sqlite3_open_v2(path.c_str(), &raw,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                          SQLITE_OPEN_URI,
                      nullptr);
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

Status Connection::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return ok();
  return failure(handle_.get());
}

}  // namespace nubo::sqlite
