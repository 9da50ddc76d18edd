// SPDX-License-Identifier: Apache-2.0
// Scheduler: plans when something that matters has changed, on a thread of its own, and submits one
// change per placed VM; each is checked again when it is applied. It waits for its changes before
// it plans again, never for drivers. VMs without a place get SCHED_MESSAGE.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "flow/settings.h"
#include "sched/placement.h"
#include "store/writer.h"

namespace nubo {

class Scheduler {
 public:
  /// `retry` is the safety net: how long VMs without a place wait when nothing wakes it.
  Scheduler(Writer& writer, PlacementRules rules, const VmSettings& settings,
            std::chrono::seconds retry = std::chrono::seconds{60});
  ~Scheduler();

  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  void start();
  void stop();
  /// Any thread.
  void wake();
  /// Wakes it when the commit may let a VM be placed. The writer's thread.
  void committed(const Commit& commit);

  /// One round on the calling thread: plans, submits, says how many VMs it placed. The writer must
  /// carry the changes out by itself or be run by the caller afterwards (tests).
  std::size_t plan_once();

 private:
  void run();
  /// Networks for the NICs of placed VMs that have none as yet; a VM without is not placed.
  void choose_networks_of(Plan& plan, const Snapshot& snapshot);
  void submit_counted(Change change);
  void wait_for_changes();

  Writer& writer_;
  const PlacementRules rules_;
  const VmSettings& settings_;
  const std::chrono::seconds retry_;
  PlacementCache cache_;
  std::atomic<bool> left_some_{false};

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = true;
  bool stopping_ = false;
  int pending_changes_ = 0;
  std::jthread thread_;
};

}  // namespace nubo
