// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <gtest/gtest.h>

#include <array>

namespace nubo::cli {
namespace {

constexpr std::array table{
    Option{"list", 'l', Takes::text},     Option{"listconf", 'c', Takes::text},
    Option{"no-header", 0},               Option{"no-pager", 0},
    Option{"delay", 'd', Takes::integer}, Option{"memory", 0, Takes::memory},
    Option{"ssh", 0, Takes::optional_text}, Option{"cluster", 0, Takes::object, "", "", "cluster"},
    Option{"xml", 'x'},
};

struct Line {
  Result<ParsedLine> parsed = fail(Code::internal, "not parsed");
  Options options;
};

Line line(const std::vector<std::string>& words) {
  static constexpr std::array<OptionGroup, 1> groups{table};
  Line result;
  const ObjectLookup lookup = [](const char*, const std::string& text) -> Result<int> {
    if (text == "prod") return 100;
    return fail(Code::no_exists, "CLUSTER named {} not found.", text);
  };
  result.parsed = parse_line(words, groups, lookup, result.options);
  return result;
}

std::string mistake(const std::vector<std::string>& words) {
  const Line result = line(words);
  return result.parsed ? "" : result.parsed.error().message;
}

TEST(ParseLine, MixesOptionsAndArguments) {
  const Line result = line({"a", "-x", "b", "--list=ID,NAME", "c"});
  ASSERT_TRUE(result.parsed);
  EXPECT_EQ(result.parsed->arguments, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(result.options.get("list"), "ID,NAME");
  EXPECT_TRUE(result.options.has("xml"));
}

TEST(ParseLine, TakesTheLastOfARepeatedOption) {
  EXPECT_EQ(line({"-l", "A", "-l", "B"}).options.get("list"), "B");
}

TEST(ParseLine, JoinsLettersAndTheirValue) {
  const Line result = line({"-xlID"});
  EXPECT_TRUE(result.options.has("xml"));
  EXPECT_EQ(result.options.get("list"), "ID");
}

TEST(ParseLine, CompletesShortenedNames) {
  EXPECT_EQ(line({"--lis", "ID"}).options.get("list"), "ID");
  EXPECT_EQ(line({"--listc", "user"}).options.get("listconf"), "user");
  EXPECT_EQ(mistake({"--no"}), "ambiguous option: --no");
}

TEST(ParseLine, NamesWhatIsWrong) {
  EXPECT_EQ(mistake({"--nope"}), "invalid option: --nope");
  EXPECT_EQ(mistake({"-1"}), "invalid option: -1");
  EXPECT_EQ(mistake({"-l"}), "missing argument: -l");
  EXPECT_EQ(mistake({"-d", "x"}), "invalid argument: -d x");
  EXPECT_EQ(mistake({"--memory", "5x"}), "Memory value malformed\noption memory: Parsing error");
  EXPECT_EQ(mistake({"--cluster", "nope"}),
            "CLUSTER named nope not found.\noption cluster: Parsing error");
}

TEST(ParseLine, TurnsNamesIntoIds) {
  EXPECT_EQ(line({"--cluster", "prod"}).options.number("cluster", -1), 100);
}

TEST(ParseLine, LooksNamesUpWhenItKnowsWhoAsks) {
  static constexpr std::array<OptionGroup, 1> groups{table};
  Options options;
  std::string asked_as;
  const ObjectLookup lookup = [&](const char*, const std::string&) -> Result<int> {
    asked_as = options.get("list");
    return 7;
  };
  ASSERT_TRUE(parse_line({"--cluster", "rack", "--list", "bob"}, groups, lookup, options));
  EXPECT_EQ(asked_as, "bob");
}

TEST(ParseLine, LetsAnOptionalValueOut) {
  const Line result = line({"--ssh", "-x"});
  EXPECT_EQ(result.options.get("ssh"), "");
  EXPECT_TRUE(result.options.has("xml"));
  EXPECT_EQ(line({"--ssh", "key.pub"}).options.get("ssh"), "key.pub");
}

TEST(Sizes, HaveUnits) {
  EXPECT_EQ(parse_memory("512"), 512);
  EXPECT_EQ(parse_memory("2g"), 2048);
  EXPECT_EQ(parse_memory("1.5GB"), 1536);
  EXPECT_FALSE(parse_memory("1t"));
  EXPECT_EQ(parse_size("1t"), 1048576);
  EXPECT_EQ(parse_size("0.3"), 1);
  EXPECT_FALSE(parse_size("10k"));
}

}  // namespace
}  // namespace nubo::cli
