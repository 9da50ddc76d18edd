// SPDX-License-Identifier: Apache-2.0
// EffectRunner: carries effects out. Each is a row of steps asked of driver programs one after the
// other; a failed one runs its undo steps; the end is a change that takes the effect out and moves
// the object on. After a restart every stored effect starts again from its first step: drivers find
// what was done already. Lives on the io thread; start() and the commit listener post to it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "drivers/outcome.h"
#include "drivers/timers.h"
#include "flow/image_step.h"
#include "flow/settings.h"
#include "flow/post.h"
#include "store/writer.h"

namespace nubo {

class EffectRunner {
 public:
  /// `post` runs a function on the io thread, from any thread. All outlive the runner, which must
  /// outlive the writer's thread.
  EffectRunner(Writer& writer, DriverCalls& drivers, Timers& timers, Post post,
               const VmSettings& settings);
  ~EffectRunner();

  EffectRunner(const EffectRunner&) = delete;
  EffectRunner& operator=(const EffectRunner&) = delete;

  /// Begins with an effect; one for the same object that is under way is cancelled. Io thread.
  void run(const Effect& effect);

  /// Everything that a restart found in flight. Io thread.
  void run_stored();

  /// How many are under way, for metrics and tests.
  std::size_t under_way() const { return runs_.size(); }

 private:
  class Run;
  using Object = std::pair<std::string, int>;  // subject and id

  void supersede(const Effect& by);
  void forget(const Effect& effect);
  void finished(EffectId id, OperationOutcome outcome);
  void submit_end(EffectId id, const OperationOutcome& outcome);

  Writer& writer_;
  DriverCalls& drivers_;
  Timers& timers_;
  const Post post_;
  const VmSettings& settings_;
  std::map<EffectId, std::shared_ptr<Run>> runs_;
  std::multimap<Object, EffectId> runs_of_;
  std::map<EffectId, Timer> endings_;  // ends that the database could not take yet
};

}  // namespace nubo
