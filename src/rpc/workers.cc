// SPDX-License-Identifier: Apache-2.0
#include "rpc/workers.h"

#include <utility>

#include "base/threads.h"

namespace nubo::rpc {
namespace {

thread_local const Workers* workers_of_thread = nullptr;

}  // namespace

Workers::Workers(std::size_t count, std::size_t longest_queue) : longest_queue_(longest_queue) {
  for (std::size_t i = 0; i < count; ++i) {
    threads_.emplace_back([this] { run(); });
  }
}

Workers::~Workers() { stop(); }

bool Workers::offer(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopped_ || offered_.size() >= longest_queue_) return false;
    offered_.push_back(std::move(job));
  }
  ready_.notify_one();
  return true;
}

void Workers::push(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    begun_.push_back(std::move(job));
  }
  ready_.notify_one();
}

void Workers::run_or_push(Job job) {
  if (workers_of_thread == this) return job();
  push(std::move(job));
}

void Workers::stop() {
  std::deque<Job> begun;
  std::deque<Job> offered;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    begun.swap(begun_);
    offered.swap(offered_);
  }
  ready_.notify_all();
  threads_.clear();  // joins
}

void Workers::run() {
  workers_of_thread = this;
  name_this_thread("worker");
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return is_stopped_ || !begun_.empty() || !offered_.empty(); });
      if (is_stopped_) return;
      auto& queue = begun_.empty() ? offered_ : begun_;
      job = std::move(queue.front());
      queue.pop_front();
    }
    job();
  }
}

}  // namespace nubo::rpc
