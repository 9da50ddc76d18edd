// SPDX-License-Identifier: Apache-2.0
#include "flow/effect_runner.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/log.h"
#include "flow/operations.h"
#include "flow/requests.h"
#include "flow/security_rules.h"
#include "flow/vm_outcome.h"

namespace nubo {
namespace {

constexpr int most_repeats = 5;
constexpr Milliseconds repeat_wait{2'000};
constexpr Milliseconds busy_wait{10'000};
constexpr Milliseconds store_wait{1'000};

/// The program died under it, or was not there: asking again is safe and may succeed.
bool worth_repeating(End end) { return end == End::driver_died || end == End::not_asked; }

Status finish_effect(Draft& draft, EffectId id, const OperationOutcome& outcome) {
  const Effect* stored = draft.find<Effect>(id);
  if (!stored) return ok();  // superseded
  const Effect effect = *stored;
  if (effect.subject == "vm") {
    NUBO_CHECK(finish_vm_operation(draft, effect, outcome));
  } else if (effect.subject == "image") {
    NUBO_CHECK(finish_image_operation(draft, effect, outcome));
  } else if (effect.subject == "rules") {
    finish_rules_update(draft, effect, outcome.good);
  }
  draft.erase<Effect>(id);
  return ok();
}

}  // namespace

/// One effect under way: its steps, then its undo steps. Callbacks hold it weakly.
class EffectRunner::Run : public std::enable_shared_from_this<Run> {
 public:
  Run(EffectRunner& runner, Effect effect)
      : runner_(runner),
        effect_(std::move(effect)),
        operation_(operation_named(effect_.operation)),
        steps_(steps_of(operation_)) {}

  const Effect& effect() const { return effect_; }

  void start() {
    if (effect_.subject == "image") {
      return ask(image_request(*runner_.writer_.snapshot(), effect_, runner_.settings_));
    }
    next();
  }

  void cancel() {
    cancelled_ = true;
    if (asked_ != 0) runner_.drivers_.cancel(asked_);
  }

 private:
  void next() {
    if (place_ == steps_.size()) return end({.good = true, .error = {}, .data = data_});
    do_step(steps_[place_].kind, steps_[place_].where);
  }

  /// A VM that was deleted is DONE, and in the archive alone, before its node has been cleaned up:
  /// then one row is read here.
  Result<Ptr<Vm>> subject(const Snapshot& snapshot) const {
    const VmId id{effect_.object};
    if (Ptr<Vm> living = snapshot.find<Vm>(id)) return living;
    return runner_.writer_.archive().find(id);
  }

  void do_step(StepKind kind, Where where) {
    const SnapshotPtr snapshot = runner_.writer_.snapshot();
    const Result<Ptr<Vm>> vm = subject(*snapshot);
    if (!vm) return end({.good = false, .error = vm.error().message, .data = {}});
    if (!*vm) return end({.good = false, .error = "the VM is gone", .data = {}});
    const VmStep step{**vm, operation_, kind, where, data_};
    auto request = vm_request(*snapshot, step, runner_.settings_);
    if (!request)
      return answered({.end = End::failed, .error = request.error().message, .data = {}});
    if (!*request) return answered({});
    ask(std::move(**request));
  }

  void ask(Result<DriverRequest> request) {
    if (!request) return end({.good = false, .error = request.error().message, .data = {}});
    asked_ = runner_.drivers_.submit(request->driver, std::move(request->request),
                                     [weak = weak_from_this()](Outcome outcome) {
                                       if (const auto run = weak.lock()) {
                                         run->asked_ = 0;
                                         run->answered(std::move(outcome));
                                       }
                                     });
  }

  void answered(Outcome outcome) {
    if (cancelled_) return end({.good = false, .error = "superseded", .data = {}});
    if (outcome.end == End::too_busy) return again_after(busy_wait);
    if (worth_repeating(outcome.end) && repeats_ < most_repeats) return repeat(outcome);
    repeats_ = 0;
    if (undoing_) return undo_next();
    if (effect_.subject == "image") {
      return end({.good = outcome.ok(), .error = outcome.error, .data = std::move(outcome.data)});
    }
    if (outcome.ok()) {
      data_.merge(outcome.data);
    } else if (!steps_[place_].optional) {
      return undo(std::move(outcome.error));
    } else {
      log_warning("flow", "{} of VM {}: {} (goes on)", effect_.operation, effect_.object,
                  outcome.error);
    }
    ++place_;
    next();
  }

  void repeat(const Outcome& outcome) {
    ++repeats_;
    log_warning("flow", "{} of {} {}: {}; asking again ({} of {})", effect_.operation,
                effect_.subject, effect_.object, outcome.error, repeats_, most_repeats);
    again_after(repeat_wait * repeats_);
  }

  void again_after(Milliseconds wait) {
    timer_ = runner_.timers_.after(wait, [weak = weak_from_this()] {
      if (const auto run = weak.lock()) run->again();
    });
  }

  void again() {
    if (cancelled_) return end({.good = false, .error = "superseded", .data = {}});
    if (effect_.subject == "image") return start();
    if (undoing_) return do_step(current_undo_.kind, current_undo_.where);
    next();
  }

  void undo(std::string error) {
    undoing_ = true;
    error_ = std::move(error);
    undo_.assign(steps_[place_].undo.begin(), steps_[place_].undo.end());
    undo_next();
  }

  void undo_next() {
    if (undo_.empty()) return end({.good = false, .error = error_, .data = {}});
    current_undo_ = undo_.front();
    undo_.pop_front();
    do_step(current_undo_.kind, current_undo_.where);
  }

  void end(OperationOutcome outcome) { runner_.finished(effect_.id, std::move(outcome)); }

  EffectRunner& runner_;
  const Effect effect_;
  const VmOperation operation_;
  const std::span<const Step> steps_;
  std::size_t place_ = 0;
  bool undoing_ = false;
  UndoStep current_undo_{};
  std::deque<UndoStep> undo_;
  std::string error_;
  driver::Values data_;  // what the steps have answered
  std::int64_t asked_ = 0;
  bool cancelled_ = false;
  int repeats_ = 0;
  Timer timer_;
};

EffectRunner::EffectRunner(Writer& writer, DriverCalls& drivers, Timers& timers, Post post,
                           const VmSettings& settings)
    : writer_(writer),
      drivers_(drivers),
      timers_(timers),
      post_(std::move(post)),
      settings_(settings) {}

EffectRunner::~EffectRunner() = default;

void EffectRunner::run(const Effect& effect) {
  supersede(effect);
  const auto run = std::make_shared<Run>(*this, effect);
  runs_[effect.id] = run;
  runs_of_.emplace(Object(effect.subject, effect.object), effect.id);
  log_info("flow", "{} {}: {}", effect.subject, effect.object, effect.operation);
  run->start();
}

void EffectRunner::run_stored() {
  writer_.snapshot()->pool<Effect>().for_each(
      [this](const Entry<Effect>& entry) { run(entry.object); });
}

// Rules are pushed whole each time; one push does not stand in for another.
void EffectRunner::supersede(const Effect& by) {
  if (by.subject == "rules") return;
  const auto [first, last] = runs_of_.equal_range(Object(by.subject, by.object));
  std::vector<std::shared_ptr<Run>> older;  // cancelling one may end it
  for (auto run = first; run != last; ++run) older.push_back(runs_.at(run->second));
  for (const auto& run : older) run->cancel();
}

void EffectRunner::forget(const Effect& effect) {
  const auto [first, last] = runs_of_.equal_range(Object(effect.subject, effect.object));
  const auto known = std::find_if(
      first, last, [&effect](const auto& run) { return run.second == effect.id; });
  if (known != last) runs_of_.erase(known);
  runs_.erase(effect.id);
}

void EffectRunner::finished(EffectId id, OperationOutcome outcome) {
  const auto known = runs_.find(id);
  if (known == runs_.end()) return;
  const std::shared_ptr<Run> run = known->second;  // it is still on the stack
  const Effect& effect = run->effect();
  forget(effect);
  if (outcome.good) {
    log_info("flow", "{} {}: {} done", effect.subject, effect.object, effect.operation);
  } else {
    log_error("flow", "{} {}: {} failed: {}", effect.subject, effect.object, effect.operation,
              outcome.error);
  }
  submit_end(id, outcome);
}

// A step that the VM no longer takes must not keep the effect for ever: then only the effect goes.
// When that cannot be stored either, the database is at fault, and the whole is tried again.
void EffectRunner::submit_end(EffectId id, const OperationOutcome& outcome) {
  endings_.erase(id);
  Change change("effect.end",
                [id, outcome](Draft& draft) { return finish_effect(draft, id, outcome); });
  writer_.submit(std::move(change), [this, id, outcome](Status status, const SnapshotPtr&) {
    if (status) return;
    log_error("flow", "end of effect {}: {}", id, status.error().message);
    Change drop("effect.drop", [id](Draft& draft) {
      draft.erase<Effect>(id);
      return ok();
    });
    writer_.submit(std::move(drop), [this, id, outcome](Status dropped, const SnapshotPtr&) {
      if (dropped) return;
      post_([this, id, outcome] {
        endings_[id] = timers_.after(store_wait, [this, id, outcome] { submit_end(id, outcome); });
      });
    });
  });
}

}  // namespace nubo
