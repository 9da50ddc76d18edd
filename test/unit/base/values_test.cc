// SPDX-License-Identifier: Apache-2.0
// The small values of base: ids, numbers, base64, secrets, the clock.
#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

#include "base/base64.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/numbers.h"
#include "base/secret.h"

namespace nubo {
namespace {

static_assert(!std::is_convertible_v<HostId, VmId>);
static_assert(!std::is_convertible_v<int, VmId>);

TEST(Id, IsUnsetUntilItHasANumber) {
  EXPECT_FALSE(VmId{}.is_set());
  EXPECT_TRUE(VmId{0}.is_set());
}

TEST(Id, OrdersHashesAndPrintsAsItsNumber) {
  EXPECT_LT(VmId{2}, VmId{10});
  const std::unordered_set<VmId> ids{{1}, {1}, {2}};
  EXPECT_EQ(ids.size(), 2U);
  EXPECT_EQ(fmt::format("VM {}", VmId{12}), "VM 12");
}

TEST(ParseNumber, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_number<int>("-12"), -12);
  EXPECT_EQ(parse_number<double>("0.5"), 0.5);
  EXPECT_EQ(parse_number<long long>("9223372036854775807"), 9223372036854775807LL);
  for (const char* text : {"", " 1", "1 ", "1x", "+1", "0x10", "2147483648", "1.0"}) {
    EXPECT_EQ(parse_number<int>(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_number<unsigned>("-1"), std::nullopt);
}

TEST(FormatAmount, ShowsTwoDigitsUnlessWhole) {
  EXPECT_EQ(format_amount(2), "2");
  EXPECT_EQ(format_amount(0), "0");
  EXPECT_EQ(format_amount(-3), "-3");
  EXPECT_EQ(format_amount(1.5), "1.50");
  EXPECT_EQ(format_amount(0.1), "0.10");
  EXPECT_EQ(format_amount(10.123), "10.12");
  EXPECT_EQ(format_amount(0.001), "0.00");
}

TEST(ParseYesNo, KnowsTheSpellingsOfTemplates) {
  for (const char* text : {"YES", "yes", "Yes", "true", "1", "y"}) {
    EXPECT_EQ(parse_yes_no(text), true) << text;
  }
  for (const char* text : {"NO", "no", "false", "0", "n"}) {
    EXPECT_EQ(parse_yes_no(text), false) << text;
  }
  for (const char* text : {"", "maybe", "yes "}) EXPECT_EQ(parse_yes_no(text), std::nullopt);
}

TEST(Base64, PadsToFourDigits) {
  constexpr std::pair<const char*, const char*> samples[] = {// RFC 4648 §10
                                                             {"", ""},
                                                             {"f", "Zg=="},
                                                             {"fo", "Zm8="},
                                                             {"foo", "Zm9v"},
                                                             {"foob", "Zm9vYg=="},
                                                             {"fooba", "Zm9vYmE="},
                                                             {"foobar", "Zm9vYmFy"},
                                                             {"\xff\xfe", "//4="}};
  for (const auto& [bytes, text] : samples) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, DecodesLines) { EXPECT_EQ(base64_decode("Zm9v\nYmFy\n"), "foobar"); }

TEST(Secret, MatchesOnlyTheSameText) {
  const Secret secret("abc");
  EXPECT_TRUE(secret.matches("abc"));
  for (const char* other : {"", "ab", "abd", "abcd"}) EXPECT_FALSE(secret.matches(other));
  EXPECT_EQ(secret, Secret("abc"));
}

TEST(SystemClock, DoesNotGoBackwards) {
  const SystemClock clock;
  const SteadyTime before = clock.steady();
  EXPECT_GE(clock.steady(), before);
  EXPECT_GT(clock.now().count(), 1'700'000'000);
}

}  // namespace
}  // namespace nubo
