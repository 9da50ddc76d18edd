// SPDX-License-Identifier: Apache-2.0
// ActionClock: carries scheduled actions out when their time has come: the oldest of each VM,
// as a change; one that fails says why and is tried again the next period. Io thread.
#pragma once

#include "drivers/timers.h"
#include "flow/settings.h"
#include "store/writer.h"

namespace nubo {

class ActionClock {
 public:
  /// All outlive it. `period`: how long an action that is due can wait, and between two attempts.
  ActionClock(Writer& writer, Timers& timers, const Clock& clock, const VmSettings& settings,
              Milliseconds period);

  void start() { tick(); }

 private:
  void tick();
  void carry_out(ScheduledActionId id);

  Writer& writer_;
  Timers& timers_;
  const Clock& clock_;
  const VmSettings& settings_;
  const Milliseconds period_;
  Timer timer_;
};

}  // namespace nubo
