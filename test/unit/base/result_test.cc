// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Code::action, "{} is odd", number);
  return number / 2;
}

Result<int> quarter(int number) {
  NUBO_TRY(const int once, half(number));
  NUBO_TRY(const int twice, half(once));
  return twice;
}

Status check_even(int number) {
  NUBO_CHECK(half(number));
  return ok();
}

TEST(Result, HandsTheValueOn) {
  EXPECT_EQ(quarter(12), 3);
  EXPECT_TRUE(check_even(2));
}

TEST(Result, ReturnsTheFirstErrorUpwards) {
  EXPECT_EQ(quarter(6).error(), (Error{Code::action, "3 is odd", -1}));
  EXPECT_EQ(check_even(5).error(), (Error{Code::action, "5 is odd", -1}));
}

TEST(Result, AddsContextAndKeepsCodeAndObject) {
  const Error error{Code::locked, "held by user 2", 7};
  EXPECT_EQ(context(error, "delete image 7").value(),
            (Error{Code::locked, "delete image 7: held by user 2", 7}));
}

TEST(Result, NamesAMissingObjectAsTheApiDoes) {
  EXPECT_EQ(no_such("HOST", 7).value(), (Error{Code::no_exists, "Error getting HOST [7].", 7}));
  EXPECT_EQ(no_such("HOST", -1).value(), (Error{Code::no_exists, "Error getting HOST Pool.", -1}));
}

}  // namespace
}  // namespace nubo
