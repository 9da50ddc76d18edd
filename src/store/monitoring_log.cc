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

constexpr std::size_t records_limit = 10'000;

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
      Statements& made = statements_.emplace_back();
      NUBO_TRY(made.put,
               connection_.prepare(fmt::format("REPLACE INTO {} VALUES (?, ?, ?)", table.name)));
      NUBO_TRY(made.expire, connection_.prepare(fmt::format("DELETE FROM {} WHERE {} < ?",
                                                            table.name, table.time)));
      NUBO_TRY(made.forget, connection_.prepare(fmt::format("DELETE FROM {} WHERE {} = ?",
                                                            table.name, table.object)));
    }
    return ok();
  }

  Status write(const std::vector<Job>& jobs) {
    NUBO_CHECK(connection_.execute("BEGIN IMMEDIATE"));
    Undo undo;
    undo.push([this] { (void)connection_.execute("ROLLBACK"); });
    for (const Job& job : jobs) NUBO_CHECK(write(job));
    NUBO_CHECK(connection_.execute("COMMIT"));
    undo.commit();
    return ok();
  }

  Result<std::vector<MonitoringRecord>> newest(Monitored kind) {
    const Table& table = table_of(kind);
    NUBO_TRY(Statement rows,
             connection_.prepare(fmt::format("SELECT {}, max({}), body FROM {} "
                                             "GROUP BY {}",
                                             table.object, table.time, table.name, table.object)));
    return fetch(rows);
  }

 private:
  struct Statements {
    Statement put, expire, forget;
  };

  Status write(const Job& job) {
    Statements& prepared = statements_[static_cast<std::size_t>(job.kind)];
    for (const MonitoringRecord& record : job.records) {
      prepared.put.bind(1, static_cast<long long>(record.object));
      prepared.put.bind(2, static_cast<long long>(record.time.count()));
      prepared.put.bind(3, std::string_view(record.body));
      NUBO_CHECK(prepared.put.run());
    }
    if (job.expire_before) {
      prepared.expire.bind(1, static_cast<long long>(job.expire_before->count()));
      NUBO_CHECK(prepared.expire.run());
    }
    if (job.forget) {
      prepared.forget.bind(1, static_cast<long long>(*job.forget));
      NUBO_CHECK(prepared.forget.run());
    }
    return ok();
  }

  Connection connection_;
  std::vector<Statements> statements_;
};

Result<std::unique_ptr<MonitoringLog>> MonitoringLog::open(const std::string& path) {
  NUBO_TRY(Connection connection, Connection::open(path, "NORMAL"));
  auto file = std::make_unique<File>(std::move(connection));
  NUBO_CHECK(file->prepare());
  std::array<Newest, 2> newest;
  for (const Monitored kind : {Monitored::host, Monitored::vm}) {
    NUBO_TRY(auto records, file->newest(kind));
    for (auto& record : records) {
      newest.at(static_cast<std::size_t>(kind)).emplace(record.object, std::move(record));
    }
  }
  std::unique_ptr<MonitoringLog> log(new MonitoringLog(path, std::move(file)));
  log->newest_ = std::move(newest);
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
  {
    const std::lock_guard lock(mutex_);
    Newest& newest = newest_.at(static_cast<std::size_t>(kind));
    for (const MonitoringRecord& record : records) {
      MonitoringRecord& known = newest[record.object];
      if (known.time <= record.time) known = record;
    }
  }
  enqueue({.kind = kind, .records = std::move(records)});
}

void MonitoringLog::expire(Monitored kind, EpochSeconds before) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(newest_.at(static_cast<std::size_t>(kind)),
                  [before](const auto& each) { return each.second.time < before; });
  }
  enqueue({.kind = kind, .expire_before = before});
}

void MonitoringLog::forget(Monitored kind, int object) {
  {
    const std::lock_guard lock(mutex_);
    newest_.at(static_cast<std::size_t>(kind)).erase(object);
  }
  enqueue({.kind = kind, .forget = object});
}

void MonitoringLog::enqueue(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < records_limit) queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

std::optional<MonitoringRecord> MonitoringLog::newest(Monitored kind, int object) const {
  const std::lock_guard lock(mutex_);
  const Newest& newest = newest_.at(static_cast<std::size_t>(kind));
  const auto found = newest.find(object);
  return found == newest.end() ? std::nullopt : std::optional(found->second);
}

std::vector<MonitoringRecord> MonitoringLog::newest(Monitored kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<MonitoringRecord> all;
  for (const auto& [object, record] : newest_.at(static_cast<std::size_t>(kind))) {
    all.push_back(record);
  }
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
    if (const Status written = file_->write(jobs); !written) {
      log_warning("store", "monitoring records are lost: {}", written.error().message);
    }
    lock.lock();
    is_writing_ = false;
    idle_.notify_all();
  }
}

}  // namespace nubo
