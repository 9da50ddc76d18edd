// SPDX-License-Identifier: Apache-2.0
#include "text/number_ranges.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

TEST(NumberRanges, HoldNumbersAndWhatIsBetween) {
  const auto ranges = NumberRanges::parse("0, 1, 100:102");
  ASSERT_TRUE(ranges);
  for (const int inside : {0, 1, 100, 101, 102}) EXPECT_TRUE(ranges->contains(inside)) << inside;
  for (const int outside : {-1, 2, 99, 103}) EXPECT_FALSE(ranges->contains(outside)) << outside;
}

TEST(NumberRanges, AnEmptyListHoldsNothing) {
  for (const char* empty : {"", "  "}) {
    const auto ranges = NumberRanges::parse(empty);
    ASSERT_TRUE(ranges);
    EXPECT_FALSE(ranges->contains(0));
  }
}

TEST(NumberRanges, WhatIsNoNumberIsNoList) {
  for (const char* wrong : {"a", "1,,2", "1:", ":2", "1-2", "1:2:3", ","}) {
    EXPECT_FALSE(NumberRanges::parse(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace nubo
