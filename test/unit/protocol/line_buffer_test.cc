// SPDX-License-Identifier: Apache-2.0
#include "protocol/line_buffer.h"

#include <gtest/gtest.h>

namespace nubo::driver {

namespace {

TEST(LineBuffer, GivesWholeLinesHoweverTheBytesCome) {
  LineBuffer lines(100);
  lines.add("one\ntw");
  EXPECT_EQ(lines.next(), "one");
  EXPECT_EQ(lines.next(), std::nullopt);
  lines.add("o\n\nthree");
  EXPECT_EQ(lines.next(), "two");
  EXPECT_EQ(lines.next(), "");
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_EQ(lines.take_rest(), "three");
}

TEST(LineBuffer, OverflowsByOneLongLineOnly) {
  LineBuffer lines(4);
  lines.add("abc\nabc\nabcd");
  while (lines.next()) continue;
  EXPECT_FALSE(lines.overflowed());
  lines.add("e");
  while (lines.next()) continue;
  EXPECT_TRUE(lines.overflowed());
}

}  // namespace

}  // namespace nubo::driver
