// SPDX-License-Identifier: Apache-2.0
#include "text/expression.h"

#include <gtest/gtest.h>

#include <map>

namespace nubo {
namespace {

Facts facts_of(std::multimap<std::string, std::string> attributes) {
  return [attributes = std::move(attributes)](std::string_view name) {
    std::vector<std::string> values;
    const auto [begin, end] = attributes.equal_range(std::string(name));
    for (auto at = begin; at != end; ++at) values.push_back(at->second);
    return values;
  };
}

const Facts& host() {
  static const Facts facts = facts_of({{"HYPERVISOR", "kvm"},
                                       {"NAME", "node-12"},
                                       {"FREE_CPU", "350.5"},
                                       {"RUNNING_VMS", "4"},
                                       {"EMPTY", ""},
                                       {"NEGATIVE", "-3"},
                                       {"TEMPLATE/RACK", "r7"},
                                       {"CLUSTER_ID", "0"},
                                       {"CLUSTER_ID", "100"},
                                       {"CURRENT_VMS", "8"},
                                       {"CURRENT_VMS", "9"}});
  return facts;
}

struct Truth {
  const char* text;
  bool holds;
};

constexpr Truth truths[] = {
    {"", true},
    {"  \n", true},
    {"HYPERVISOR = kvm", true},
    {"HYPERVISOR=\"kvm\"", true},
    {"HYPERVISOR = qemu", false},
    {"HYPERVISOR != qemu", true},
    {"NAME = \"node-*\"", true},
    {"NAME = \"node-?\"", false},
    {"NAME = \"node-[0-9]2\"", true},
    {"NAME != \"node*\"", false},
    {"\"TEMPLATE/RACK\" = \"r?\"", true},
    {"RUNNING_VMS = 4", true},
    {"RUNNING_VMS = 4.0", true},
    {"RUNNING_VMS = \"4\"", true},
    {"RUNNING_VMS > 3", true},
    {"RUNNING_VMS > 4", false},
    {"RUNNING_VMS < 4", false},
    {"RUNNING_VMS < 4.5", true},
    {"FREE_CPU > 350", true},
    {"NEGATIVE < -2", true},
    {"NEGATIVE = -3", true},
    {"HYPERVISOR > 0", false},
    {"HYPERVISOR < 0", false},
    {"HYPERVISOR = 0", false},
    {"HYPERVISOR != 0", true},
    // a missing attribute, an empty value, an empty literal
    {"MISSING = 1", false},
    {"MISSING != 1", false},
    {"MISSING < 1", false},
    {"MISSING @> 1", false},
    {"!(MISSING = 1)", true},
    {"EMPTY = \"*\"", true},
    {"EMPTY = \"\"", false},
    {"HYPERVISOR = \"\"", false},
    // lists
    {"CLUSTER_ID = 0", true},
    {"CLUSTER_ID = 100", false},
    {"CLUSTER_ID @> 100", true},
    {"CLUSTER_ID @> \"1*\"", true},
    {"CLUSTER_ID @> 7", false},
    {"CURRENT_VMS = 9", true},
    {"CURRENT_VMS = 10", false},
    {"CURRENT_VMS != 9", false},
    {"CURRENT_VMS != 10", true},
    // & and | bind alike, from left to right; ! binds to what follows it
    {"RUNNING_VMS = 4 | RUNNING_VMS = 4 & MISSING = 1", false},
    {"RUNNING_VMS = 4 | (RUNNING_VMS = 4 & MISSING = 1)", true},
    {"MISSING = 1 & RUNNING_VMS = 4 | RUNNING_VMS = 4", true},
    {"!MISSING = 1 & RUNNING_VMS = 4", true},
    {"!MISSING = 1 & MISSING = 1", false},
    {"RUNNING_VMS = 4 & !MISSING = 1 | MISSING = 1", true},
    {"!!RUNNING_VMS = 4", true},
    {"!(RUNNING_VMS = 4 | MISSING = 1)", false},
    {"(CLUSTER_ID = 0 | CLUSTER_ID = 1) & !(PUBLIC_CLOUD = YES) & !(PIN_POLICY = PINNED)", true},
};

TEST(Requirement, HoldsAsTheExpressionSays) {
  for (const auto& [text, holds] : truths) {
    const Result<Requirement> compiled = Requirement::compile(text);
    ASSERT_TRUE(compiled) << text << ": " << compiled.error().message;
    EXPECT_EQ(compiled->holds(host()), holds) << text;
  }
}

TEST(Requirement, CurrentVmsOfAnEmptyHostAreNone) {
  const Facts empty_host = facts_of({});
  EXPECT_TRUE(Requirement::compile("CURRENT_VMS != 9")->holds(empty_host));
  EXPECT_FALSE(Requirement::compile("CURRENT_VMS = 9")->holds(empty_host));
}

TEST(Requirement, AsksOnlyForWhatDecides) {
  int asked = 0;
  const Facts counting = [&asked](std::string_view) {
    ++asked;
    return std::vector<std::string>{"1"};
  };
  EXPECT_TRUE(Requirement::compile("A = 1 | B = 1 | (C = 1 & D = 1)")->holds(counting));
  EXPECT_EQ(asked, 1);
}

struct Mistake {
  const char* text;
  const char* error;
};

constexpr Mistake mistakes[] = {
    {"((", "expecting an attribute at position 3"},
    {"CPU > 1 &", "expecting an attribute at position 10"},
    {"CPU", "expecting = or != or > or < or @> at position 4"},
    {"CPU =", "expecting a value at position 6"},
    {"CPU = - x", "expecting a value at position 9"},
    {"CPU = 1 CPU = 2", "expecting & or | at position 9"},
    {"(CPU = 1", "expecting & or | or ) at position 9"},
    {"CPU = 1)", "expecting & or | at position 8"},
    {"CPU = 1 ^ CPU = 2", "expecting & or | at position 9"},
    {"CPU > abc", "expecting a number, not text, before this at position 10"},
    {"5 = CPU", "expecting an attribute at position 1"},
    {"NAME = \"open", "expecting a value at position 8"},
    {"CPU = 1 && CPU = 2", "expecting an attribute at position 10"},
    {"NAME = é", "expecting a value at position 8"},
};

TEST(Requirement, SaysWhereTheMistakeIs) {
  for (const auto& [text, error] : mistakes) {
    const Result<Requirement> compiled = Requirement::compile(text);
    ASSERT_FALSE(compiled) << text;
    EXPECT_EQ(compiled.error().code, Code::internal);
    EXPECT_EQ(compiled.error().message, std::string("syntax error in expression, ") + error)
        << text;
  }
}

std::string repeated(std::string_view part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(Requirement, BoundsNestingAndPatterns) {
  EXPECT_FALSE(Requirement::compile(repeated("(", 100'000)));
  EXPECT_FALSE(Requirement::compile("A = \"" + repeated("[", 2000) + "\""));
  const Result<Requirement> nested =
      Requirement::compile(repeated("(", 100) + "A = 1" + repeated(")", 100));
  EXPECT_TRUE(nested);
}

TEST(Requirement, TakesLongChains) {
  const Result<Requirement> chain = Requirement::compile(repeated("A = 1 | ", 20'000) + "B = 2");
  ASSERT_TRUE(chain);
  EXPECT_TRUE(chain->holds(facts_of({{"B", "2"}})));
  EXPECT_TRUE(Requirement::compile(repeated("!", 20'000) + "B = 2")->holds(facts_of({{"B", "2"}})));
}

struct Value {
  const char* text;
  double value;
};

constexpr Value values[] = {
    {"", 0},
    {"FREE_CPU", 350},
    {"- RUNNING_VMS", -4},
    {"-RUNNING_VMS", -4},
    {"--RUNNING_VMS", 4},
    {"MISSING", 0},
    {"HYPERVISOR", 0},
    {"1 + 2 * 3", 7},
    {"(1 + 2) * 3", 9},
    {"10 - 4 - 3", 3},
    {"10-4", 6},
    {"2 * -3", -6},
    {"7 / 2", 3},
    {"-7 / 2", -3},
    {"24 / 4 / 2", 3},
    {"0.5 * 4", 2},
    {"1 / 0", 0},
    {"MISSING / MISSING", 0},
    {"RUNNING_VMS * 50 + FREE_CPU", 550},
    {"\"FREE_CPU\" - RUNNING_VMS", 346},
};

TEST(Rank, IsTheWholePartOfTheExpression) {
  for (const auto& [text, value] : values) {
    const Result<Rank> compiled = Rank::compile(text);
    ASSERT_TRUE(compiled) << text << ": " << compiled.error().message;
    EXPECT_EQ(compiled->value(host()), value) << text;
  }
}

TEST(Rank, SaysWhereTheMistakeIs) {
  EXPECT_EQ(Rank::compile("1 +").error().message,
            "syntax error in expression, expecting an attribute or a number at position 4");
  EXPECT_EQ(Rank::compile("1 2").error().message,
            "syntax error in expression, expecting + or - or * or / at position 3");
  EXPECT_EQ(Rank::compile("(1").error().message,
            "syntax error in expression, expecting + or - or * or / or ) at position 3");
}

TEST(Rank, BoundsNestingAndTakesLongChains) {
  EXPECT_FALSE(Rank::compile(repeated("(", 100'000)));
  EXPECT_EQ(Rank::compile(repeated("1 + ", 20'000) + "1")->value(facts_of({})), 20'001);
  EXPECT_EQ(Rank::compile(repeated("-", 20'000) + "1")->value(facts_of({})), 1);
}

}  // namespace
}  // namespace nubo
