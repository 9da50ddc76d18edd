// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

namespace nubo {

EpochSeconds SystemClock::now() const {
  return std::chrono::duration_cast<EpochSeconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

SteadyTime SystemClock::steady() const {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::steady_clock::now());
}

}  // namespace nubo
