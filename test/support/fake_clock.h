// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until a test moves it.
#pragma once

#include "base/clock.h"

namespace nubo::test {

class FakeClock final : public Clock {
 public:
  EpochSeconds now() const override { return now_; }

  SteadyTime steady() const override { return SteadyTime(Milliseconds(now_)); }

  void advance(EpochSeconds by) { now_ += by; }

 private:
  EpochSeconds now_{1'700'000'000};
};

}  // namespace nubo::test
