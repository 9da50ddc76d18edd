// SPDX-License-Identifier: Apache-2.0
#include "store/monitoring_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.h"
#include "base/threads.h"
#include "base/undo.h"
#include "store/sqlite.h"

namespace nubo {
namespace {

using sqlite::Connection;
using sqlite::Statement;

struct Table {
  const char* name;
  const char* object;
  const char* time;
};

// oned's names (sheet objects.md §10.4).
constexpr std::array<Table, 2> tables{
    {{"host_monitoring", "hid", "last_mon_time"}, {"vm_monitoring", "vmid", "last_poll"}}};

constexpr std::size_t jobs_limit = 10'000;

const Table& table_of(Monitored kind) { return tables.at(static_cast<std::size_t>(kind)); }

Result<std::vector<MonitoringRecord>> fetch(Statement& rows) {
  std::vector<MonitoringRecord> records;
  while (true) {
    NUBO_TRY(const bool more, rows.step());
    if (!more) return records;
    records.push_back({static_cast<int>(rows.integer(0)), EpochSeconds(rows.integer(1)),
                       std::string(rows.text(2))});
  }
}

}  // namespace

class MonitoringLog::File {
 public:
  explicit File(Connection connection) : connection_(std::move(connection)) {}

  Status prepare() {
    for (const Table& table : tables) {
      NUBO_CHECK(connection_.execute(fmt::format(
          "CREATE TABLE IF NOT EXISTS {} ({} INTEGER, {} INTEGER, body TEXT, PRIMARY KEY({}, {}))",
          table.name, table.object, table.time, table.object, table.time)));
      // Without it, dropping what is old would read the whole table.
      NUBO_CHECK(connection_.execute(fmt::format("CREATE INDEX IF NOT EXISTS {0}_by_time ON {0} ({1})",
                                                 table.name, table.time)));
      Statements& made = statements_.emplace_back();
      NUBO_TRY(made.put,
               connection_.prepare(fmt::format("REPLACE INTO {} VALUES (?, ?, ?)", table.name)));
      NUBO_TRY(made.newest,
               connection_.prepare(fmt::format("SELECT {0}, {1}, body FROM {2} WHERE {0} = ? "
                                               "ORDER BY {1} DESC LIMIT 1",
                                               table.object, table.time, table.name)));
      NUBO_TRY(made.expire, connection_.prepare(fmt::format("DELETE FROM {} WHERE {} < ?",
                                                            table.name, table.time)));
      NUBO_TRY(made.forget, connection_.prepare(fmt::format("DELETE FROM {} WHERE {} = ?",
                                                            table.name, table.object)));
    }
    return ok();
  }

  /// All in one transaction.
  Status carry_out(const std::vector<Job>& jobs) {
    NUBO_CHECK(connection_.execute("BEGIN IMMEDIATE"));
    Undo undo;
    undo.push([this] { (void)connection_.execute("ROLLBACK"); });
    for (const Job& job : jobs) NUBO_CHECK(job(*this));
    NUBO_CHECK(connection_.execute("COMMIT"));
    undo.commit();
    return ok();
  }

  Status put(Monitored kind, const MonitoringRecord& record) {
    Statement& put = statements_of(kind).put;
    put.bind(1, static_cast<long long>(record.object));
    put.bind(2, static_cast<long long>(record.time.count()));
    put.bind(3, std::string_view(record.body));
    return put.run();
  }

  Result<std::optional<MonitoringRecord>> newest(Monitored kind, int object) {
    Statement& newest = statements_of(kind).newest;
    newest.bind(1, static_cast<long long>(object));
    NUBO_TRY(const std::vector<MonitoringRecord> found, fetch(newest));
    return found.empty() ? std::nullopt : std::optional(found.front());
  }

  Status expire(Monitored kind, EpochSeconds before) {
    Statement& expire = statements_of(kind).expire;
    expire.bind(1, static_cast<long long>(before.count()));
    return expire.run();
  }

  Status forget(Monitored kind, int object) {
    Statement& forget = statements_of(kind).forget;
    forget.bind(1, static_cast<long long>(object));
    return forget.run();
  }

 private:
  struct Statements {
    Statement put, newest, expire, forget;
  };

  Statements& statements_of(Monitored kind) {
    return statements_.at(static_cast<std::size_t>(kind));
  }

  Connection connection_;
  std::vector<Statements> statements_;
};

Result<std::unique_ptr<MonitoringLog>> MonitoringLog::open(const std::string& path) {
  NUBO_TRY(Connection connection, Connection::open(path, "NORMAL"));
  auto file = std::make_unique<File>(std::move(connection));
  NUBO_CHECK(file->prepare());
  std::unique_ptr<MonitoringLog> log(new MonitoringLog(path, std::move(file)));
  log->thread_ = std::jthread([self = log.get()] { self->run(); });
  return log;
}

MonitoringLog::MonitoringLog(std::string path, std::unique_ptr<File> file)
    : path_(std::move(path)), file_(std::move(file)) {}

MonitoringLog::~MonitoringLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void MonitoringLog::append(Monitored kind, std::vector<MonitoringRecord> records) {
  for (const MonitoringRecord& record : records) remember(kind, record);
  enqueue([kind, records = std::move(records)](File& file) -> Status {
    for (const MonitoringRecord& record : records) NUBO_CHECK(file.put(kind, record));
    return ok();
  });
}

void MonitoringLog::recall(Monitored kind, std::vector<int> objects) {
  enqueue([this, kind, objects = std::move(objects)](File& file) -> Status {
    for (const int object : objects) {
      NUBO_TRY(const std::optional<MonitoringRecord> record, file.newest(kind, object));
      if (record) remember(kind, *record);
    }
    return ok();
  });
}

void MonitoringLog::retire(Monitored kind, int object) {
  enqueue([this, kind, object](File&) -> Status {
    drop(kind, object);
    return ok();
  });
}

void MonitoringLog::expire(Monitored kind, EpochSeconds before) {
  enqueue([this, kind, before](File& file) -> Status {
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(newest_of(kind),
                    [before](const auto& each) { return each.second.time < before; });
    }
    return file.expire(kind, before);
  });
}

void MonitoringLog::forget(Monitored kind, int object) {
  enqueue([this, kind, object](File& file) -> Status {
    drop(kind, object);
    return file.forget(kind, object);
  });
}

void MonitoringLog::remember(Monitored kind, const MonitoringRecord& record) {
  const std::lock_guard lock(mutex_);
  MonitoringRecord& known = newest_of(kind)[record.object];
  if (known.time <= record.time) known = record;
}

void MonitoringLog::drop(Monitored kind, int object) {
  const std::lock_guard lock(mutex_);
  newest_of(kind).erase(object);
}

void MonitoringLog::enqueue(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < jobs_limit) queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

std::optional<MonitoringRecord> MonitoringLog::newest(Monitored kind, int object) const {
  const std::lock_guard lock(mutex_);
  const Newest& newest = newest_of(kind);
  const auto found = newest.find(object);
  return found == newest.end() ? std::nullopt : std::optional(found->second);
}

std::vector<MonitoringRecord> MonitoringLog::newest(Monitored kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<MonitoringRecord> all;
  for (const auto& [object, record] : newest_of(kind)) all.push_back(record);
  return all;
}

Result<std::vector<MonitoringRecord>> MonitoringLog::read(Monitored kind,
                                                          const MonitoringQuery& query) const {
  const Table& table = table_of(kind);
  NUBO_TRY(Connection connection, Connection::open(path_, "NORMAL"));
  NUBO_TRY(Statement rows,
           connection.prepare(fmt::format(
               "SELECT {0}, {1}, body FROM {2} WHERE {1} >= ? {3} ORDER BY {1} DESC LIMIT ?",
               table.object, table.time, table.name,
               query.object ? fmt::format("AND {} = {}", table.object, *query.object) : "")));
  constexpr std::size_t all = std::numeric_limits<int>::max();
  rows.bind(1, static_cast<long long>(query.since.count()));
  rows.bind(2, static_cast<long long>(query.last.value_or(all)));
  NUBO_TRY(std::vector<MonitoringRecord> records, fetch(rows));
  std::ranges::sort(records, {}, [](const MonitoringRecord& record) {
    return std::pair(record.object, record.time);
  });
  return records;
}

void MonitoringLog::flush() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return queue_.empty() && !is_writing_; });
}

void MonitoringLog::run() {
  name_this_thread("monitoring");
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const std::vector<Job> jobs = std::exchange(queue_, {});
    is_writing_ = true;
    lock.unlock();
    if (const Status written = file_->carry_out(jobs); !written) {
      log_warning("store", "monitoring records are lost: {}", written.error().message);
    }
    lock.lock();
    is_writing_ = false;
    idle_.notify_all();
  }
}

}  // namespace nubo
