// SPDX-License-Identifier: Apache-2.0
// What guards, publishes, undoes, asserts and logs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/assert.h"
#include "base/guarded.h"
#include "base/log.h"
#include "base/published.h"
#include "base/undo.h"

namespace nubo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Guarded, LosesNoUpdateOfManyThreads) {
  constexpr int threads = 4;
  constexpr int rounds = 1000;
  Guarded<int> count(0);
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&count] {
        for (int round = 0; round < rounds; ++round) count.with([](int& value) { ++value; });
      });
    }
  }
  EXPECT_EQ(count.with([](const int& value) { return value; }), threads * rounds);
}

TEST(Published, LeavesReadersTheVersionThatTheyTook) {
  Published<int> published(std::make_shared<const int>(1));
  const auto taken = published.get();
  published.set(std::make_shared<const int>(2));
  EXPECT_EQ(*taken, 1);
  EXPECT_EQ(*published.get(), 2);
}

TEST(Published, IsReadWhileItIsReplaced) {
  Published<int> published(std::make_shared<const int>(0));
  std::jthread writer([&published] {
    for (int i = 1; i <= 1000; ++i) published.set(std::make_shared<const int>(i));
  });
  for (int last = 0; last < 1000;) {
    const int seen = *published.get();
    ASSERT_GE(seen, last);
    last = seen;
  }
}

TEST(Undo, RunsItsStepsInReverseOrder) {
  std::vector<int> undone;
  {
    Undo undo;
    undo.push([&undone] { undone.push_back(1); });
    undo.push([&undone] { undone.push_back(2); });
  }
  EXPECT_THAT(undone, ElementsAre(2, 1));
}

TEST(Undo, DoesNothingAfterACommit) {
  bool is_undone = false;
  {
    Undo undo;
    undo.push([&is_undone] { is_undone = true; });
    undo.commit();
  }
  EXPECT_FALSE(is_undone);
}

TEST(Assert, AbortsWithTheExpression) {
  NUBO_ASSERT(1 + 1 == 2);
  EXPECT_DEATH(NUBO_ASSERT(1 + 1 == 3), "assertion failed: 1 \\+ 1 == 3 at .*tools_test.cc");
}

class LogFile : public ::testing::Test {
 protected:
  LogFile() : path_(::testing::TempDir() + "nubo-log-" + std::to_string(getpid())) {}

  ~LogFile() override { std::remove(path_.c_str()); }

  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string path_;
};

TEST_F(LogFile, HoldsLinesFromItsLevelUp) {
  ASSERT_TRUE(log_to_file(path_));
  log_debug("test", "hidden {}", 1);
  log_warning("test", "VM {} waits", 12);
  EXPECT_THAT(text(), HasSubstr("[warning] test: VM 12 waits\n"));
  EXPECT_THAT(text(), Not(HasSubstr("hidden")));
  log_level(LogLevel::debug);
  log_debug("test", "shown {{}}");
  log_level(LogLevel::info);
  EXPECT_THAT(text(), HasSubstr("[debug] test: shown {}\n"));
}

TEST_F(LogFile, IsMadeAnewAfterItWasMovedAway) {
  ASSERT_TRUE(log_to_file(path_));
  log_info("test", "before");
  std::remove(path_.c_str());
  log_reopen();
  log_info("test", "after");
  EXPECT_THAT(text(), HasSubstr("after"));
  EXPECT_THAT(text(), Not(HasSubstr("before")));
}

TEST_F(LogFile, IsRefusedWhereItCannotBeWritten) { EXPECT_FALSE(log_to_file("/proc/nubo/log")); }

}  // namespace
}  // namespace nubo
