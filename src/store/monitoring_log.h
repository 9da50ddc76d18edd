// SPDX-License-Identifier: Apache-2.0
// MonitoringLog: what hosts and VMs report, kept apart from the state in a file of its own, so that
// the stream of reports never holds up the writer. A power cut may lose the last seconds
// (synchronous=NORMAL). The newest record of each object that still reports is also in memory. Any
// thread.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace nubo {

enum class Monitored { host, vm };

struct MonitoringRecord {
  int object = -1;
  EpochSeconds time{};
  std::string body;  // <MONITORING>…</MONITORING> (sheet xml.md §3.1, §3.2)

  bool operator==(const MonitoringRecord&) const = default;
};

struct MonitoringQuery {
  std::optional<int> object;             // all when absent
  EpochSeconds since{};                  // of this time or later
  std::optional<std::size_t> last = {};  // only the newest n
};

class MonitoringLog {
 public:
  /// Opens or creates the file. Code::internal.
  static Result<std::unique_ptr<MonitoringLog>> open(const std::string& path);
  /// Writes what is still queued.
  ~MonitoringLog();

  MonitoringLog(const MonitoringLog&) = delete;
  MonitoringLog& operator=(const MonitoringLog&) = delete;

  /// Never waits for the disk. Records that cannot be written are dropped with a log line.
  void append(Monitored kind, std::vector<MonitoringRecord> records);
  /// Has the newest records of these in memory again, soon; to be called at start.
  void recall(Monitored kind, std::vector<int> objects);
  /// The object reports no more: its records stay in the file alone.
  void retire(Monitored kind, int object);
  /// Drops what is older, and what belongs to an object that is gone.
  void expire(Monitored kind, EpochSeconds before);
  void forget(Monitored kind, int object);

  /// What is in memory of the object.
  std::optional<MonitoringRecord> newest(Monitored kind, int object) const;
  /// What is in memory of each object, by id.
  std::vector<MonitoringRecord> newest(Monitored kind) const;
  /// By object and time. Reads the file: not for the io or writer threads.
  Result<std::vector<MonitoringRecord>> read(Monitored kind, const MonitoringQuery& query) const;

  /// Waits until all that was appended can be read.
  void flush();

 private:
  class File;
  using Job = std::function<Status(File&)>;
  using Newest = std::map<int, MonitoringRecord>;

  MonitoringLog(std::string path, std::unique_ptr<File> file);
  void enqueue(Job job);
  /// Unless a newer one of the object is known.
  void remember(Monitored kind, const MonitoringRecord& record);
  void drop(Monitored kind, int object);

  Newest& newest_of(Monitored kind) { return newest_.at(static_cast<std::size_t>(kind)); }

  const Newest& newest_of(Monitored kind) const {
    return newest_.at(static_cast<std::size_t>(kind));
  }

  void run();

  const std::string path_;
  std::unique_ptr<File> file_;  // the log's own thread only

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::vector<Job> queue_;
  bool is_writing_ = false;
  bool stopping_ = false;
  std::array<Newest, 2> newest_;
  std::jthread thread_;
};

}  // namespace nubo
