// SPDX-License-Identifier: Apache-2.0
// NodeQueues<T>: one first-in first-out queue per node, a cap on what runs at once on a node and on
// all together. A slow node holds only its own queue; nodes take turns where the total is scarce.
// oned queues requests with it, and so does a driver program. Not synchronised.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "nubo/driver/program.h"

namespace nubo::driver {

template <class T>
class NodeQueues {
 public:
  explicit NodeQueues(Caps caps) : caps_(caps) {}

  void push(const std::string& node, T item) {
    Queue& queue = queues_[node];
    queue.waiting.push_back(std::move(item));
    ++waiting_;
    make_ready(node, queue);
  }

  /// Takes the next item that may run; it counts as running until done(node).
  std::optional<T> next() {
    while (running_ < caps_.running && !ready_.empty()) {
      const std::string node = std::move(ready_.front());
      ready_.pop_front();
      Queue& queue = queues_[node];
      queue.ready = false;
      if (queue.waiting.empty() || queue.running >= caps_.per_node) {
        forget_if_idle(node);
        continue;
      }
      T item = std::move(queue.waiting.front());
      queue.waiting.pop_front();
      --waiting_;
      ++queue.running;
      ++running_;
      make_ready(node, queue);
      return item;
    }
    return {};
  }

  /// One item of the node has ended. `counted` is false after release_total().
  void done(const std::string& node, bool counted = true) {
    Queue& queue = queues_[node];
    NUBO_ASSERT(queue.running > 0);
    --queue.running;
    if (counted) --running_;
    make_ready(node, queue);
    forget_if_idle(node);
  }

  /// An item that should have ended goes on: it holds its node's slot, but none of the total.
  void release_total() { --running_; }

  /// Takes the first waiting item of the node that `pick` is true for.
  template <class Pick>
  std::optional<T> take(const std::string& node, Pick pick) {
    const auto found = queues_.find(node);
    if (found == queues_.end()) return {};
    auto& waiting = found->second.waiting;
    const auto item = std::find_if(waiting.begin(), waiting.end(), pick);
    if (item == waiting.end()) return {};
    T taken = std::move(*item);
    waiting.erase(item);
    --waiting_;
    forget_if_idle(node);
    return taken;
  }

  int waiting() const { return waiting_; }

  int running() const { return running_; }

  int running(std::string_view node) const {
    const auto found = queues_.find(node);
    return found == queues_.end() ? 0 : found->second.running;
  }

 private:
  struct Queue {
    std::deque<T> waiting;
    int running = 0;
    bool ready = false;  // stands in ready_
  };

  void make_ready(const std::string& node, Queue& queue) {
    if (queue.ready || queue.waiting.empty() || queue.running >= caps_.per_node) return;
    queue.ready = true;
    ready_.push_back(node);
  }

  void forget_if_idle(const std::string& node) {
    const auto found = queues_.find(node);
    const Queue& queue = found->second;
    if (queue.waiting.empty() && queue.running == 0 && !queue.ready) queues_.erase(found);
  }

  Caps caps_;
  std::map<std::string, Queue, std::less<>> queues_;
  std::deque<std::string> ready_;  // nodes with something to run and a free slot, in turn
  int waiting_ = 0;
  int running_ = 0;
};

}  // namespace nubo::driver
