// SPDX-License-Identifier: Apache-2.0
// The threads that decode, handle and encode. New work is bounded (offer), work that finishes what
// was begun is not (push). Owned by the Server; any thread may offer and push.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nubo::rpc {

class Workers {
 public:
  using Job = std::function<void()>;

  /// `longest_queue` is how much may wait beyond what the `count` threads have in hand.
  Workers(std::size_t count, std::size_t longest_queue);
  ~Workers();

  /// Queues new work; false when the queue is full or the workers have stopped.
  bool offer(Job job);
  /// Queues work in front of what was offered; dropped when the workers have stopped.
  void push(Job job);
  /// Runs the job at once when called by one of the threads, else push().
  void run_or_push(Job job);
  /// Ends the threads after the jobs in hand and drops what is queued. Not from a worker. Twice is
  /// fine.
  void stop();

 private:
  void run();

  const std::size_t longest_queue_;
  std::mutex mutex_;
  std::condition_variable ready_;
  bool is_stopped_ = false;
  std::deque<Job> begun_;
  std::deque<Job> offered_;
  std::vector<std::jthread> threads_;
};

}  // namespace nubo::rpc
