// SPDX-License-Identifier: Apache-2.0
#include "protocol/worker_pool.h"

#include <exception>
#include <utility>

namespace nubo::driver {

WorkerPool::WorkerPool(Caps caps, Context::Send send, const Clock& clock)
    : send_(std::move(send)), clock_(clock), queues_{Queues(caps), Queues(caps)} {}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::submit(Request request, const Action& action) {
  const std::int64_t id = request.id;
  const SteadyTime deadline = clock_.steady() + request.deadline;
  bool fresh = false;
  {
    const std::lock_guard lock(mutex_);
    const auto [place, added] =
        jobs_.try_emplace(id, Job{std::move(request), &action, deadline, {}, true});
    fresh = added;
    if (fresh) {
      queues_of(place->second).push(place->second.request.node, id);
      start_ready();
    }
  }
  if (!fresh) answer_failed(id, fmt::format("request {} is already under way", id));
}

// Under the lock. A job has a thread of its own as soon as its node and the total allow.
void WorkerPool::start_ready() {
  for (Queues& queues : queues_)
    while (const auto id = queues.next()) {
      ready_.push_back(*id);
      wake_.notify_one();
    }
  while (waiting_threads_ < ready_.size()) {
    ++waiting_threads_;
    threads_.emplace_back([this] { work(); });
  }
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !ready_.empty(); });
    if (ready_.empty()) return;
    --waiting_threads_;
    Job& job = jobs_.at(ready_.front());  // a map's elements stay in place
    ready_.pop_front();
    lock.unlock();
    run(job);
    lock.lock();
    queues_of(job).done(job.request.node, job.counted);
    jobs_.erase(job.request.id);
    ++waiting_threads_;
    start_ready();
    idle_.notify_all();
  }
}

void WorkerPool::run(Job& job) {
  Context context({job.request.id, job.deadline, job.stop.get_token(), send_}, clock_);
  Answer answer{.id = job.request.id};
  try {
    Result<Values> result = job.action->handler(job.request, context);
    answer.ok = result.has_value();
    if (result) {
      answer.data = std::move(*result);
    } else {
      answer.error = std::move(result).error().message;
    }
  } catch (const std::exception& problem) {
    answer.error = fmt::format("{}: unexpected: {}", job.request.action, problem.what());
  }
  send_(answer);
}

// Under the lock: whether the job had not begun; then it is out of its queue.
bool WorkerPool::take_waiting(Job& job) {
  return queues_of(job)
      .take(job.request.node, [&job](std::int64_t id) { return id == job.request.id; })
      .has_value();
}

void WorkerPool::cancel(std::int64_t id) {
  std::stop_source stop;
  bool waiting = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    stop = found->second.stop;
    waiting = take_waiting(found->second);
    if (waiting) jobs_.erase(found);
  }
  stop.request_stop();
  if (waiting) answer_failed(id, "cancelled before it began");
}

std::string WorkerPool::why_not_begun(const Job& job) {
  const std::string where = job.request.node.empty() ? "the front-end" : job.request.node;
  return fmt::format("{} did not begin in time: {} other actions are still running on {}",
                     job.request.action, queues_of(job).running(job.request.node), where);
}

SteadyTime WorkerPool::expire() {
  std::vector<std::stop_source> stops;
  std::map<std::int64_t, std::string> unbegun;
  SteadyTime next = SteadyTime::max();
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady();
    for (auto place = jobs_.begin(); place != jobs_.end();) {
      auto& [id, job] = *place++;
      if (job.deadline > now) {
        next = std::min(next, job.deadline);
      } else if (take_waiting(job)) {
        unbegun.emplace(id, why_not_begun(job));
      } else if (job.counted) {
        stops.push_back(job.stop);
        job.counted = false;
        queues_of(job).release_total();
      }
    }
    for (const auto& [id, why] : unbegun) jobs_.erase(id);
    if (!stops.empty()) start_ready();
  }
  for (std::stop_source& stop : stops) stop.request_stop();
  for (const auto& [id, why] : unbegun) answer_failed(id, why);
  return next;
}

bool WorkerPool::stop(Milliseconds patience) {
  std::vector<std::stop_source> stops;
  {
    const std::lock_guard lock(mutex_);
    for (auto place = jobs_.begin(); place != jobs_.end();) {
      auto& job = place->second;
      const bool waiting = take_waiting(job);
      if (!waiting) stops.push_back(job.stop);
      place = waiting ? jobs_.erase(place) : std::next(place);
    }
  }
  for (std::stop_source& stop : stops) stop.request_stop();
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, patience, [this] { return jobs_.empty(); });
}

void WorkerPool::answer_failed(std::int64_t id, std::string why) {
  send_(Answer{.id = id, .ok = false, .error = std::move(why), .data = {}});
}

}  // namespace nubo::driver
