// SPDX-License-Identifier: Apache-2.0
#include "store/writer.h"

#include <future>

#include "base/log.h"
#include "base/patience.h"
#include "base/threads.h"
#include "store/kinds.h"
#include "store/load.h"
#include "store/rows.h"

namespace nubo {
namespace {

constexpr std::size_t queue_limit = 10'000;

// Longer than a client with one call at a time takes from an answer to its next call.
constexpr std::chrono::microseconds longest_look{500};

template <class T>
using Changed = std::map<IdOf<T>, std::shared_ptr<Entry<T>>>;  // nullptr: erased

template <class Tuple>
struct ChangedOf;

template <class... T>
struct ChangedOf<std::tuple<T...>> {
  using type = std::tuple<Changed<T>...>;
};

bool is_done(const Vm& vm) { return vm.state == VmState::done; }

}  // namespace

// What the changes of one transaction did together.
class Writer::Batch {
 public:
  void add(const Draft& draft) {
    (void)for_each_kind([&]<class T>(std::type_identity<T>) -> Status {
      for (const auto& [id, touched] : draft.touched<T>()) changed<T>()[id] = touched.entry;
      return ok();
    });
    done_.insert(done_.end(), draft.recalled().begin(), draft.recalled().end());
    for (const auto& [id, touched] : draft.touched<Vm>()) {
      if (touched.entry && is_done(touched.entry->object)) done_.push_back(id);
    }
  }

  /// VMs that are DONE are the archive's.
  void take_out_done(Snapshot& snapshot) const {
    for (const VmId id : done_) snapshot.pool<Vm>().erase(id);
  }

  /// Makes the documents of what changed, and the rows.
  Writes writes(const Counters& before, const Counters& after) {
    Writes all;
    (void)for_each_kind([&]<class T>(std::type_identity<T>) -> Status {
      constexpr std::size_t table = KindIndex<T>::value;
      for (const auto& [id, entry] : changed<T>()) {
        if (entry) render(*entry);
        if constexpr (std::is_same_v<T, Vm>) {
          if (entry && is_done(entry->object)) {
            all.rows.push_back({done_table(), id.value, row_of(*entry, done_columns())});
            all.rows.push_back({table, id.value, {}});
            continue;
          }
        }
        all.rows.push_back({table, id.value, entry ? row_of(*entry) : std::vector<Cell>{}});
      }
      if (after[table] != before[table]) all.counters.emplace_back(table, after[table]);
      return ok();
    });
    return all;
  }

  Commit commit(SnapshotPtr before, SnapshotPtr after) {
    Commit commit{std::move(before), std::move(after), {}, {}};
    (void)for_each_kind([&]<class T>(std::type_identity<T>) -> Status {
      for (const auto& [id, entry] : changed<T>()) {
        if constexpr (requires { T::is_internal; }) {
          continue;
        } else if constexpr (!std::is_same_v<T, Effect>) {
          commit.touched.push_back({T::type, id.value});
        } else if (entry && !commit.before->template find<Effect>(id)) {
          commit.effects.push_back(entry->object);
        }
      }
      return ok();
    });
    return commit;
  }

 private:
  template <class T>
  Changed<T>& changed() {
    return std::get<KindIndex<T>::value>(changed_);
  }

  ChangedOf<ObjectKinds>::type changed_;
  std::vector<VmId> done_;
};

Result<std::unique_ptr<Writer>> Writer::load(Database& database, const Clock& clock,
                                             QuotaMetrics quota_metrics) {
  State state{{}, no_ids_given};
  const std::vector<int> counters = database.counters();
  std::copy_n(counters.begin(), kind_count, state.counters.begin());
  NUBO_CHECK(load_snapshot(database, state.snapshot));
  return std::unique_ptr<Writer>(
      new Writer(database, clock, std::move(quota_metrics), std::move(state)));
}

Writer::Writer(Database& database, const Clock& clock, QuotaMetrics quota_metrics, State state)
    : database_(database),
      clock_(clock),
      quota_metrics_(std::move(quota_metrics)),
      durable_(std::move(state)),
      published_(std::make_shared<const Snapshot>(durable_.snapshot)) {}

Writer::~Writer() { stop(); }

void Writer::start() {
  thread_ = std::jthread([this] { run(); });
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Writer::submit(Change change, Done done) {
  std::unique_lock lock(mutex_);
  if (!stopping_ && queue_.size() < queue_limit) {
    queue_.push_back({std::move(change), std::move(done)});
    lock.unlock();
    wake_.notify_one();
    return;
  }
  const bool stopped = stopping_;
  lock.unlock();
  done(stopped ? Status(fail(Code::internal, "the daemon is stopping"))
               : Status(fail(Code::internal, "the daemon is busy, {} changes wait", queue_limit)),
       snapshot());
}

Status Writer::apply_now(Change change) {
  auto promise = std::make_shared<std::promise<Status>>();
  auto outcome = promise->get_future();
  submit(std::move(change),
         [promise](Status status, const SnapshotPtr&) { promise->set_value(std::move(status)); });
  if (!thread_.joinable()) run_until_idle();
  return outcome.get();
}

void Writer::run_until_idle() {
  while (true) {
    auto jobs = take_all(false);
    if (jobs.empty()) return;
    carry_out(std::move(jobs));
  }
}

void Writer::run() {
  name_this_thread("writer");
  using Steady = std::chrono::steady_clock;
  Patience patience(longest_look);
  while (true) {
    while (patience.lasts(Steady::now()) && !has_jobs()) std::this_thread::yield();
    auto jobs = take_all(true);
    if (jobs.empty()) return;  // stopping, and nothing is left
    carry_out(std::move(jobs));
    patience.worked(Steady::now());
  }
}

bool Writer::has_jobs() {
  const std::lock_guard lock(mutex_);
  return stopping_ || !queue_.empty();
}

std::vector<Writer::Job> Writer::take_all(bool wait) {
  std::unique_lock lock(mutex_);
  if (wait) wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  return std::exchange(queue_, {});
}

bool Writer::apply(Job& job, State& working, Batch& batch) const {
  Draft draft(working.snapshot, working.counters, clock_.now(), quota_metrics_);
  draft.recall_from(archive());
  job.outcome = job.change.apply(draft);
  if (job.outcome) job.outcome = draft.finish();
  if (!job.outcome) return false;
  batch.add(draft);
  working = {draft.view(), draft.counters()};
  return true;
}

void Writer::carry_out(std::vector<Job> jobs) {
  State working = durable_;
  Batch batch;
  bool changed = false;
  for (Job& job : jobs) changed |= apply(job, working, batch);
  const SnapshotPtr before = snapshot();
  if (!changed) return answer(jobs, before);

  const Status written = database_.write(batch.writes(durable_.counters, working.counters));
  if (!written) {
    const Error error = context(written.error(), "the database cannot be written").value();
    log_error("store", "{}; {} changes refused", error.message, jobs.size());
    for (Job& job : jobs) job.outcome = Failure(error);
    return answer(jobs, before);
  }
  batch.take_out_done(working.snapshot);
  durable_ = std::move(working);
  auto published = std::make_shared<const Snapshot>(durable_.snapshot);
  published_.set(published);
  answer(jobs, published);
  if (listener_) listener_(batch.commit(before, published));
}

void Writer::answer(std::vector<Job>& jobs, const SnapshotPtr& snapshot) const {
  for (Job& job : jobs) {
    if (!job.outcome) {
      log_debug("store", "{}: {}", job.change.name(), job.outcome.error().message);
    }
    if (job.done) job.done(std::move(job.outcome), snapshot);
  }
}

}  // namespace nubo
