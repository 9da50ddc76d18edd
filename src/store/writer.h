// SPDX-License-Identifier: Apache-2.0
// Writer: the one that changes state. Its thread takes all queued changes, applies each to a draft,
// stores the outcome of all in one transaction, publishes the snapshot, and only then answers. A
// reply that says ok is durable. When the database cannot be written the whole batch is refused,
// nothing of it stays in memory, and the next batch is tried again.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/published.h"
#include "model/snapshot.h"
#include "store/change.h"
#include "store/database.h"

namespace nubo {

struct TouchedObject {
  ObjectType type;
  int id;

  bool operator==(const TouchedObject&) const = default;
};

/// What one transaction did.
struct Commit {
  SnapshotPtr before;
  SnapshotPtr snapshot;
  std::vector<TouchedObject> touched;  // changed, made and erased ones; no effects
  std::vector<Effect> effects;         // new work for drivers, in the order of their ids
};

class Writer {
 public:
  /// Called once per change, on the writer's thread (for a refused one: on the caller's), with the
  /// snapshot that holds it, or the one that stands after a failure.
  using Done = std::function<void(Status, SnapshotPtr)>;
  /// Called on the writer's thread after the answers of a commit.
  using Listener = std::function<void(const Commit&)>;

  /// Loads everything but the VMs that are DONE. `clock` and `database` must outlive it.
  static Result<std::unique_ptr<Writer>> load(Database& database, const Clock& clock,
                                              QuotaMetrics quota_metrics = QuotaMetrics());
  /// Stops the thread; what was queued is still carried out.
  ~Writer();

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// The latest published state, without the VMs that are DONE. Any thread.
  SnapshotPtr snapshot() const { return published_.get(); }

  /// Those. Any thread but io.
  const Archive& archive() const { return database_.archive(); }

  /// Before start().
  void listen(Listener listener) { listener_ = std::move(listener); }

  void start();
  /// Carries out what is queued and stops. Later submissions are refused.
  void stop();
  /// Any thread; never blocks. Answers Code::internal at once when the queue is full or stopped.
  void submit(Change change, Done done);
  /// submit() and wait; without start() it runs on the calling thread. For start-up and tests.
  Status apply_now(Change change);
  /// For use without start(): carries out all that is queued, also what that leads to.
  void run_until_idle();

 private:
  struct Job {
    Change change;
    Done done;
    Status outcome{};
  };

  struct State {
    Snapshot snapshot;
    Counters counters;
  };
  class Batch;

  Writer(Database& database, const Clock& clock, QuotaMetrics quota_metrics, State state);
  void run();
  /// Whether take_all() would not wait.
  bool has_jobs();
  std::vector<Job> take_all(bool wait);
  void carry_out(std::vector<Job> jobs);
  bool apply(Job& job, State& working, Batch& batch) const;
  void answer(std::vector<Job>& jobs, const SnapshotPtr& snapshot) const;

  Database& database_;
  const Clock& clock_;
  const QuotaMetrics quota_metrics_;
  State durable_;  // the writer's thread only
  Published<Snapshot> published_;
  Listener listener_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Job> queue_;
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace nubo
