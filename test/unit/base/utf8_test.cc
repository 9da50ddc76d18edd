// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

namespace nubo {

namespace {

TEST(Utf8, ValidTextStaysAsItIs) {
  for (const char* text : {"", "abc", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\x7F"})
    EXPECT_EQ(to_valid_utf8(text), text);
}

TEST(Utf8, EachBadByteBecomesOneReplacement) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(to_valid_utf8("a\xFF"
                          "b"),
            "a" + bad + "b");
  EXPECT_EQ(to_valid_utf8("\xC3"), bad);                      // cut off
  EXPECT_EQ(to_valid_utf8("\xC0\xAF"), bad + bad);            // overlong
  EXPECT_EQ(to_valid_utf8("\xED\xA0\x80"), bad + bad + bad);  // surrogate
  EXPECT_EQ(to_valid_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad);
}

TEST(Utf8, PrefixEndsBeforeTheFirstBadByte) {
  EXPECT_EQ(valid_utf8_prefix("ab\x80"
                              "c"),
            2u);
}

}  // namespace

}  // namespace nubo
