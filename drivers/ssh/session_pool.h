// SPDX-License-Identifier: Apache-2.0
// SessionPool: the open sessions, per node. A command borrows one for itself; a node has at most so
// many that its sshd is not flooded, and who finds none free waits. Any thread.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "ssh/session.h"

namespace nubo::ssh {

class SessionPool {
 public:
  explicit SessionPool(Settings settings) : settings_(std::move(settings)) {}

  /// A session with an open channel, borrowed; it goes back when this ends, unless it broke.
  class Lease {
   public:
    Lease(SessionPool& pool, std::string node) : pool_(&pool), node_(std::move(node)) {}

    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          node_(std::move(other.node_)),
          session_(std::move(other.session_)) {}

    Lease& operator=(Lease&&) = delete;
    ~Lease();

    Result<Outcome> run(const Command& command, const driver::Context& context);

   private:
    friend class SessionPool;

    SessionPool* pool_;  // null after a move
    std::string node_;
    std::unique_ptr<Session> session_;
  };

  /// A kept session that still answers, or a new one. Waits while the node has its cap of commands.
  Result<Lease> borrow(const std::string& node, const driver::Context& context);

 private:
  struct Idle {
    std::unique_ptr<Session> session;
    SteadyTime since{};
  };

  struct Node {
    std::vector<Idle> idle;  // the longest idle first
    int borrowed = 0;
  };

  Status wait_for_turn(const std::string& node, const driver::Context& context);
  std::unique_ptr<Session> take_idle(const std::string& node);
  void give_back(const std::string& node, std::unique_ptr<Session> session);

  const Settings settings_;
  const SystemClock clock_;
  std::mutex mutex_;
  std::condition_variable_any freed_;
  std::map<std::string, Node> nodes_;
};

}  // namespace nubo::ssh
