// SPDX-License-Identifier: Apache-2.0
#include "flow/scheduler.h"

#include <utility>

#include "base/log.h"
#include "base/threads.h"
#include "flow/vm_place.h"
#include "sched/networks.h"

namespace nubo {
namespace {

constexpr std::chrono::seconds longest_commit{30};

bool gives_room(ObjectType type) {
  using enum ObjectType;
  return type == host || type == datastore || type == cluster || type == acl;
}

Status place_vm(Draft& draft, const Placed& placed, int place_in_plan,
                const VmSettings& settings) {
  const Vm* vm = draft.find<Vm>(placed.vm);
  if (!vm || !waits_for_place(*vm)) return ok();  // somebody else was faster
  if (placed.migrates) {
    const bool live = vm->state == VmState::active && vm->lcm_state == LcmState::running;
    return migrate(draft, {.vm = placed.vm, .host = placed.host, .live = live, .enforce = true},
                   settings);
  }
  return deploy(draft,
                {.vm = placed.vm,
                 .host = placed.host,
                 .datastore = placed.datastore,
                 .enforce = true,
                 .plan_id = -1,
                 .plan_action_id = place_in_plan,
                 .networks = placed.networks},
                settings);
}

/// Places it and charges the quotas of its cluster.
Status place_and_charge(Draft& draft, const Placed& placed, int place,
                        const VmSettings& settings) {
  NUBO_CHECK(place_vm(draft, placed, place, settings));
  return draft.settle_quotas(QuotaTest::limits);
}

Status note_reasons(Draft& draft, const std::vector<NotPlaced>& reasons) {
  for (const NotPlaced& reason : reasons) {
    const Vm* known = draft.find<Vm>(reason.vm);
    if (!known || !waits_for_place(*known)) continue;
    if (known->user.get("SCHED_MESSAGE") == reason.why) continue;
    NUBO_TRY(Vm* const vm, draft.edit<Vm>(reason.vm));
    vm->user.set("SCHED_MESSAGE", reason.why);
  }
  return ok();
}

bool is_news(const Snapshot& snapshot, const NotPlaced& reason) {
  const Ptr<Vm> vm = snapshot.find<Vm>(reason.vm);
  return vm && vm->user.get("SCHED_MESSAGE") != reason.why;
}

}  // namespace

Scheduler::Scheduler(Writer& writer, PlacementRules rules, const VmSettings& settings,
                     std::chrono::seconds retry)
    : writer_(writer), rules_(std::move(rules)), settings_(settings), retry_(retry) {}

Scheduler::~Scheduler() { stop(); }

void Scheduler::start() {
  thread_ = std::jthread([this] { run(); });
}

void Scheduler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Scheduler::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Scheduler::committed(const Commit& commit) {
  for (const TouchedObject& touched : commit.touched) {
    if (touched.type == ObjectType::vm) {
      const Ptr<Vm> vm = commit.snapshot->find<Vm>(VmId{touched.id});
      if (vm && waits_for_place(*vm)) return wake();
    } else if (left_some_ && gives_room(touched.type)) {
      return wake();
    }
  }
}

void Scheduler::run() {
  name_this_thread("scheduler");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, retry_, [this] { return woken_ || stopping_; });
    if (stopping_) return;
    woken_ = false;
    lock.unlock();
    plan_once();
    wait_for_changes();
    lock.lock();
  }
}

void Scheduler::choose_networks_of(Plan& plan, const Snapshot& snapshot) {
  std::erase_if(plan.placed, [&](Placed& placed) {
    const Ptr<Vm> vm = snapshot.find<Vm>(placed.vm);
    const Ptr<Host> host = snapshot.find<Host>(placed.host);
    if (!vm || !host || placed.migrates) return false;
    auto chosen = choose_networks(snapshot, *vm, *host, rules_, cache_.expressions());
    if (chosen) {
      placed.networks = *std::move(chosen);
      return false;
    }
    plan.not_placed.push_back({placed.vm, chosen.error().message});
    return true;
  });
}

std::size_t Scheduler::plan_once() {
  const SnapshotPtr snapshot = writer_.snapshot();
  Plan plan = place(*snapshot, rules_, cache_);
  choose_networks_of(plan, *snapshot);
  left_some_ = !plan.not_placed.empty();
  int place_in_plan = 0;
  for (const Placed& placed : plan.placed) {
    submit_counted(Change("vm.place", [this, placed, place = place_in_plan++](Draft& draft) {
      return place_and_charge(draft, placed, place, settings_);
    }));
  }
  std::erase_if(plan.not_placed, [&](const NotPlaced& reason) { return !is_news(*snapshot, reason); });
  if (!plan.not_placed.empty()) {
    submit_counted(Change("vm.not_placed", [reasons = std::move(plan.not_placed)](Draft& draft) {
      return note_reasons(draft, reasons);
    }));
  }
  return plan.placed.size();
}

void Scheduler::submit_counted(Change change) {
  {
    const std::lock_guard lock(mutex_);
    ++pending_changes_;
  }
  writer_.submit(std::move(change), [this](const Status& status, const SnapshotPtr&) {
    if (!status) log_warning("sched", "placement refused: {}", status.error().message);
    {
      const std::lock_guard lock(mutex_);
      --pending_changes_;
      if (!status) left_some_ = true;
    }
    changed_.notify_all();
  });
}

void Scheduler::wait_for_changes() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest_commit, [this] { return pending_changes_ == 0 || stopping_; });
}

}  // namespace nubo
