// SPDX-License-Identifier: Apache-2.0
#include "base/patience.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

using namespace std::chrono_literals;

struct PatienceTest : ::testing::Test {
  void work_after(Patience::Duration wait) { patience.worked(now += wait); }

  bool lasts_after(Patience::Duration wait) const { return patience.lasts(now + wait); }

  Patience::TimePoint now{1h};
  Patience patience{500us};
};

TEST_F(PatienceTest, ThereIsNoneBeforeWorkCameTwiceSoonAfterWork) {
  EXPECT_FALSE(lasts_after(0us));
  work_after(1us);
  EXPECT_FALSE(lasts_after(0us));
  work_after(100us);
  EXPECT_FALSE(lasts_after(0us));
  work_after(100us);
  EXPECT_TRUE(lasts_after(0us));
}

TEST_F(PatienceTest, ItLastsForItsTimeOnly) {
  for (int i = 0; i < 3; ++i) work_after(100us);
  EXPECT_TRUE(lasts_after(499us));
  EXPECT_FALSE(lasts_after(500us));
}

TEST_F(PatienceTest, ALongWaitEndsItForTwoTimes) {
  for (int i = 0; i < 3; ++i) work_after(100us);
  work_after(1s);
  EXPECT_FALSE(lasts_after(0us));
  work_after(100us);
  EXPECT_FALSE(lasts_after(0us));
  work_after(100us);
  EXPECT_TRUE(lasts_after(0us));
}

}  // namespace
}  // namespace nubo
