// SPDX-License-Identifier: Apache-2.0
#include "text/escape.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

TEST(Escape, MarkupAndCarriageReturnsAreReferences) {
  EXPECT_EQ(escaped("<a b=\"c\">d&e\r\n\t</a>"), "&lt;a b=\"c\"&gt;d&amp;e&#x0d;\n\t&lt;/a&gt;");
}

TEST(Escape, WhatXmlCannotHoldGoesOrIsReplaced) {
  EXPECT_EQ(escaped(std::string_view("a\0b\x01\x1F", 5)), "ab");
  EXPECT_EQ(escaped("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80"), "gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80");
  EXPECT_EQ(escaped("\xC3"), "\xEF\xBF\xBD");
  EXPECT_EQ(escaped("\xED\xA0\x80|"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|");
}

TEST(Escape, TheWayBackGivesTheText) {
  const std::string text = "<a b=\"c\">d&e &lt; &\r\n\t gr\xC3\xBC\xC3\x9F</a>&";
  EXPECT_EQ(unescaped(escaped(text)), text);
  EXPECT_EQ(unescaped(""), "");
  EXPECT_EQ(unescaped("a & b &other; &#x0d;"), "a & b &other; \r");
}

TEST(Escape, TheSizeIsThatOfTheText) {
  const std::string pieces[] = {"<VM>", "&", "\r", "plain text", "\xC3\xBC", "\x02", "\xFF", "\n"};
  std::string text;
  for (std::size_t i = 0; i < 5000; ++i) {
    text += pieces[i * i % 7 % std::size(pieces)];
    if (i % 500 == 0) {
      EXPECT_EQ(escaped_size(text), escaped(text).size()) << i;
    }
  }
  const std::string ascii(1000, '<');
  for (std::size_t size = 0; size < 300; ++size) {
    EXPECT_EQ(escaped_size(std::string_view(ascii).substr(0, size)), 4 * size);
  }
}

TEST(Escape, APieceEndsBetweenCharacters) {
  const std::string text = "ab\xF0\x9F\x98\x80z";
  EXPECT_EQ(whole_characters(text, 2), "ab");
  for (const std::size_t inside : {3, 4, 5}) EXPECT_EQ(whole_characters(text, inside), "ab");
  EXPECT_EQ(whole_characters(text, 6), "ab\xF0\x9F\x98\x80");
  EXPECT_EQ(whole_characters(text, 100), text);
  EXPECT_EQ(whole_characters("\x80\x80\x80\x80\x80\x80", 5).size(), 5U) << "no character at all";
}

}  // namespace
}  // namespace nubo
