// SPDX-License-Identifier: Apache-2.0
#include "ssh/session_pool.h"

#include <algorithm>
#include <stop_token>

namespace nubo::ssh {

namespace {

// One session per node is kept for ever, more only while they are used.
constexpr std::chrono::minutes keep_spare{1};

}  // namespace

SessionPool::Lease::~Lease() {
  if (pool_ != nullptr) pool_->give_back(node_, std::move(session_));
}

Result<Outcome> SessionPool::Lease::run(const Command& command, const driver::Context& context) {
  auto outcome = session_->run(command, context);
  if (!outcome) session_.reset();
  return outcome;
}

Result<SessionPool::Lease> SessionPool::borrow(const std::string& node,
                                               const driver::Context& context) {
  NUBO_CHECK(wait_for_turn(node, context));
  Lease lease(*this, node);
  while (auto kept = take_idle(node)) {
    if (!kept->prepare(context)) continue;  // it broke while nobody looked
    lease.session_ = std::move(kept);
    return lease;
  }
  NUBO_TRY(lease.session_, Session::open(node, settings_, context));
  if (const Status status = lease.session_->prepare(context); !status) {
    lease.session_.reset();
    return Failure(status.error());
  }
  return lease;
}

Status SessionPool::wait_for_turn(const std::string& node, const driver::Context& context) {
  std::unique_lock lock(mutex_);
  Node& entry = nodes_[node];
  const auto has_room = [this, &entry] { return entry.borrowed < settings_.sessions_per_node; };
  while (!has_room()) {
    if (context.cancelled())
      return fail(Code::internal, "no session to {} became free in time", node);
    const auto left = std::min(context.left(), Milliseconds(std::chrono::minutes(1)));
    freed_.wait_for(lock, context.stop_token(), left, has_room);
  }
  ++entry.borrowed;
  return ok();
}

std::unique_ptr<Session> SessionPool::take_idle(const std::string& node) {
  const std::lock_guard lock(mutex_);
  std::vector<Idle>& idle = nodes_[node].idle;
  if (idle.empty()) return nullptr;
  auto session = std::move(idle.back().session);
  idle.pop_back();
  return session;
}

void SessionPool::give_back(const std::string& node, std::unique_ptr<Session> session) {
  std::vector<Idle> spare;  // closed after the lock
  {
    const std::lock_guard lock(mutex_);
    Node& entry = nodes_[node];
    --entry.borrowed;
    const SteadyTime now = clock_.steady();
    if (session) entry.idle.push_back({std::move(session), now});
    while (entry.idle.size() > 1 && entry.idle.front().since + keep_spare < now) {
      spare.push_back(std::move(entry.idle.front()));
      entry.idle.erase(entry.idle.begin());
    }
  }
  freed_.notify_all();
}

}  // namespace nubo::ssh
