// SPDX-License-Identifier: Apache-2.0
#include "ssh/quote.h"

#include <gtest/gtest.h>

#include "nubo/driver/script.h"

namespace nubo::ssh {

namespace {

// What a shell makes of the quoted text.
std::string through_shell(const std::string& text) {
  const SystemClock clock;
  const driver::Context context({}, clock);
  return driver::run_script({.argv = {"/bin/sh", "-c", "printf %s " + quote(text)}}, context)
      .value_or("failed");
}

TEST(Quote, IsOneWordWhateverTheText) {
  EXPECT_EQ(quote(""), "''");
  EXPECT_EQ(quote("plain"), "'plain'");
  EXPECT_EQ(quote("it's"), R"('it'\''s')");
}

TEST(Quote, LeavesNothingToTheShell) {
  for (const std::string text : {"$(touch /tmp/x)",
                                 "`id`",
                                 "a;b",
                                 "a'; rm -rf /; '",
                                 "''",
                                 "'",
                                 "\\",
                                 "\\'",
                                 "a\nb",
                                 "\n",
                                 "*",
                                 "~",
                                 "$HOME",
                                 "\"",
                                 "!!",
                                 "a\tb",
                                 "#x",
                                 "-n",
                                 "%s",
                                 "{a,b}",
                                 "\x01\x7f",
                                 "\xc3\xa9"})
    EXPECT_EQ(through_shell(text), text);
}

TEST(Quote, EndsTheTextAtANul) { EXPECT_EQ(quote(std::string("a\0'b", 4)), "'a'"); }

TEST(Quote, CommandLinesRunTheirWords) {
  EXPECT_EQ(command_line({"rm", "-f", "a b"}), "'rm' '-f' 'a b'");
}

}  // namespace

}  // namespace nubo::ssh
