// SPDX-License-Identifier: Apache-2.0
#include "base/lists.h"

#include <gmock/gmock.h>

namespace nubo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Lists, SplitKeepsOrderAndEmptyWords) {
  EXPECT_THAT(split("b,a,,c"), ElementsAre("b", "a", "", "c"));
  EXPECT_THAT(split("alone"), ElementsAre("alone"));
}

TEST(Lists, NothingIsNoWord) {
  EXPECT_THAT(split(""), IsEmpty());
  EXPECT_THAT(split("a,"), ElementsAre("a"));
}

TEST(Lists, IdsLeaveOutWhatIsNoNumber) {
  EXPECT_THAT(parse_ids("101,0,x,,0, 7"), ElementsAre(0, 101));
}

}  // namespace
}  // namespace nubo
