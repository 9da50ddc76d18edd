// SPDX-License-Identifier: Apache-2.0
#include "model/kept_text.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace nubo {
namespace {

TEST(KeptText, IsMadeOnceHoweverManyAsk) {
  const KeptText text;
  std::atomic<int> made = 0;
  std::atomic<int> same = 0;
  const auto make = [&made] {
    ++made;
    return std::string(1000, 'x');
  };
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 8; ++i) {
      readers.emplace_back([&] { same += text.get(make) == std::string(1000, 'x') ? 1 : 0; });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(same, 8);
  EXPECT_EQ(&text.get(make), &text.get(make));
}

}  // namespace
}  // namespace nubo
