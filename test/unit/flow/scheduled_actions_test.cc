// SPDX-License-Identifier: Apache-2.0
#include "flow/scheduled_actions.h"

#include <gtest/gtest.h>

#include "flow/action_clock.h"
#include "support/cloud.h"

namespace nubo {
namespace {

using std::chrono::hours;
using test::Cloud;

// 2023-11-14 22:13:20 UTC, a Tuesday; far enough from midnight for most time zones.
constexpr EpochSeconds tuesday{1'700'000'000};
constexpr EpochSeconds day = hours{24};

ScheduledAction repeated(RepeatUnit repeat, const char* days) {
  ScheduledAction action;
  action.action = "poweroff";
  action.time = tuesday;
  action.repeat = repeat;
  action.days = days;
  return action;
}

TEST(NextTime, IsNoneForWhatIsDoneOnce) {
  EXPECT_FALSE(next_time(repeated(RepeatUnit::none, ""), tuesday));
}

TEST(NextTime, IsTheNextListedDay) {
  EXPECT_EQ(next_time(repeated(RepeatUnit::hourly, "5"), tuesday), tuesday + hours{5});
  EXPECT_EQ(next_time(repeated(RepeatUnit::hourly, "5"), tuesday + hours{12}), tuesday + hours{15});
  const auto next = next_time(repeated(RepeatUnit::weekly, "0,1,2,3,4,5,6"), tuesday);
  EXPECT_EQ(next, tuesday + day);
  const auto weekly = next_time(repeated(RepeatUnit::weekly, "2"), tuesday);
  ASSERT_TRUE(weekly);
  EXPECT_LE(*weekly, tuesday + 7 * day);
}

TEST(NextTime, EndsWithItsLastTurn) {
  ScheduledAction action = repeated(RepeatUnit::hourly, "1");
  action.end_type = RepeatEnd::after_times;
  action.end_value = 1;
  EXPECT_FALSE(next_time(action, tuesday));
  action.end_value = 2;
  EXPECT_TRUE(next_time(action, tuesday));
  action.end_type = RepeatEnd::at_date;
  action.end_value = (tuesday + hours{1}).count() - 1;
  EXPECT_FALSE(next_time(action, tuesday));
}

class ScheduledActionsTest : public ::testing::Test {
 protected:
  ScheduledActionId add(const Vector& keys) {
    ScheduledActionId id;
    cloud.change([&](Draft& draft) -> Status {
      NUBO_TRY(id, add_scheduled_action(draft, vm, keys));
      return ok();
    });
    return id;
  }

  Status refused(const Vector& keys) {
    return cloud.try_change([&](Draft& draft) -> Status {
      NUBO_CHECK(add_scheduled_action(draft, vm, keys));
      return ok();
    });
  }

  Ptr<ScheduledAction> action(ScheduledActionId id) {
    return cloud.writer->snapshot()->find<ScheduledAction>(id);
  }

  void tick() {
    ActionClock actions(*cloud.writer, cloud.timers, cloud.clock, cloud.settings,
                        Milliseconds{15'000});
    actions.start();
    cloud.writer->run_until_idle();
  }

  Cloud cloud;
  VmId vm = cloud.running_vm();
};

TEST_F(ScheduledActionsTest, WhatIsDueIsDoneOnce) {
  const ScheduledActionId now = add({{"ACTION", "poweroff"}, {"TIME", "+0"}});
  const ScheduledActionId later = add({{"ACTION", "terminate"}, {"TIME", "+100000"}});
  tick();
  cloud.answer_all();
  EXPECT_EQ(cloud.state(vm), "POWEROFF");
  EXPECT_EQ(action(now)->done, cloud.clock.now());
  EXPECT_EQ(action(later)->done, EpochSeconds{-1});
  tick();
  EXPECT_EQ(cloud.state(vm), "POWEROFF");
}

TEST_F(ScheduledActionsTest, WhatCannotBeDoneSaysWhyAndStaysDue) {
  const ScheduledActionId id = add({{"ACTION", "release"}, {"TIME", "+0"}});
  tick();
  EXPECT_NE(action(id)->message.find("RUNNING"), std::string::npos) << action(id)->message;
  EXPECT_TRUE(is_due(*action(id), cloud.clock.now()));
}

TEST_F(ScheduledActionsTest, GoWithTheirVm) {
  const ScheduledActionId id = add({{"ACTION", "terminate-hard"}, {"TIME", "+0"}});
  tick();
  cloud.answer_all();
  EXPECT_EQ(cloud.state(vm), "DONE");
  EXPECT_FALSE(action(id));
}

TEST_F(ScheduledActionsTest, WrongKeysAreRefused) {
  EXPECT_FALSE(refused({{"ACTION", "poweroff"}}));
  EXPECT_FALSE(refused({{"ACTION", "dance"}, {"TIME", "1"}}));
  EXPECT_FALSE(refused({{"TIME", "1"}}));
  EXPECT_FALSE(refused({{"ACTION", "stop"}, {"TIME", "1"}, {"REPEAT", "0"}}));
  EXPECT_FALSE(refused({{"ACTION", "stop"}, {"TIME", "1"}, {"REPEAT", "0"}, {"DAYS", "7"}}));
  EXPECT_FALSE(refused({{"ACTION", "stop"}, {"TIME", "1"}, {"REPEAT", "3"}, {"DAYS", "1,2"}}));
}

}  // namespace
}  // namespace nubo
