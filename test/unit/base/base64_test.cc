// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

TEST(Base64, PadsToWholeGroups) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, TakesAnyBytes) { EXPECT_EQ(to_base64("\xff\xfe\xfb"), "//77"); }

}  // namespace
}  // namespace nubo
