// SPDX-License-Identifier: Apache-2.0
// WorkerPool: the requests that a driver program has taken and the threads that work on them. Every
// request that enters is answered once. Owned by Program; any thread may call it.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "nubo/driver/program.h"
#include "protocol/node_queues.h"

namespace nubo::driver {

struct Action {
  Handler handler;
  Lane lane = Lane::work;
};

class WorkerPool {
 public:
  WorkerPool(Caps caps, Context::Send send, const Clock& clock);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// All work must have ended: see stop().
  ~WorkerPool();

  void submit(Request request, const Action& action);
  void cancel(std::int64_t id);
  /// Ends what is out of time; the next time to call it.
  SteadyTime expire();
  /// Drops what waits and asks what runs to stop. Whether all of it ended within `patience`.
  bool stop(Milliseconds patience);

 private:
  struct Job {
    Request request;
    const Action* action;
    SteadyTime deadline;
    std::stop_source stop;
    bool counted = true;  // in the total of what runs; not once it is overdue
  };

  using Queues = NodeQueues<std::int64_t>;

  Queues& queues_of(const Job& job) { return queues_[static_cast<std::size_t>(job.action->lane)]; }

  void start_ready();
  void work();
  void run(Job& job);
  bool take_waiting(Job& job);
  std::string why_not_begun(const Job& job);
  void answer_failed(std::int64_t id, std::string why);

  const Context::Send send_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;  // work to do, or the end
  std::condition_variable idle_;  // a job has ended
  std::map<std::int64_t, Job> jobs_;
  std::array<Queues, 2> queues_;  // by lane: ids of jobs_
  std::deque<std::int64_t> ready_;
  std::vector<std::thread> threads_;
  std::size_t waiting_threads_ = 0;
  bool ending_ = false;
};

}  // namespace nubo::driver
