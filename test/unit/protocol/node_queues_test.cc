// SPDX-License-Identifier: Apache-2.0
#include "protocol/node_queues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace nubo::driver {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int> take_all(NodeQueues<int>& queues) {
  std::vector<int> taken;
  while (const auto item = queues.next()) taken.push_back(*item);
  return taken;
}

TEST(NodeQueues, RunFirstInFirstOutUpToTheCapOfTheNode) {
  NodeQueues<int> queues({.running = 10, .per_node = 2});
  for (const int item : {1, 2, 3, 4}) queues.push("a", item);
  EXPECT_THAT(take_all(queues), ElementsAre(1, 2));
  queues.done("a");
  EXPECT_THAT(take_all(queues), ElementsAre(3));
}

TEST(NodeQueues, AFullNodeDoesNotHoldAnother) {
  NodeQueues<int> queues({.running = 10, .per_node = 1});
  for (const int item : {1, 2, 3}) queues.push("slow", item);
  queues.push("quick", 9);
  EXPECT_THAT(take_all(queues), ElementsAre(1, 9));
}

TEST(NodeQueues, NodesTakeTurnsWhenTheTotalIsScarce) {
  NodeQueues<int> queues({.running = 1, .per_node = 5});
  for (const int item : {1, 2}) queues.push("a", item);
  for (const int item : {11, 12}) queues.push("b", item);
  std::vector<int> order;
  for (const char* node : {"a", "b", "a", "b"}) {
    for (const int item : take_all(queues)) order.push_back(item);
    queues.done(node);
  }
  EXPECT_THAT(order, ElementsAre(1, 11, 2, 12));
}

TEST(NodeQueues, OverdueItemsHoldTheirNodeButNotTheTotal) {
  NodeQueues<int> queues({.running = 1, .per_node = 1});
  queues.push("hung", 1);
  queues.push("hung", 2);
  queues.push("good", 3);
  EXPECT_THAT(take_all(queues), ElementsAre(1));
  queues.release_total();
  EXPECT_THAT(take_all(queues), ElementsAre(3));
  queues.done("good");
  EXPECT_THAT(take_all(queues), IsEmpty());
  queues.done("hung", false);
  EXPECT_THAT(take_all(queues), ElementsAre(2));
}

TEST(NodeQueues, AWaitingItemCanBeTakenOut) {
  NodeQueues<int> queues({.running = 1, .per_node = 1});
  for (const int item : {1, 2, 3}) queues.push("a", item);
  EXPECT_THAT(take_all(queues), ElementsAre(1));
  EXPECT_EQ(queues.take("a", [](int item) { return item == 2; }), 2);
  EXPECT_EQ(queues.take("a", [](int item) { return item == 1; }), std::nullopt);
  EXPECT_EQ(queues.waiting(), 1);
  queues.done("a");
  EXPECT_THAT(take_all(queues), ElementsAre(3));
}

TEST(NodeQueues, CountWhatWaitsAndRuns) {
  NodeQueues<int> queues({.running = 5, .per_node = 2});
  for (const int item : {1, 2, 3}) queues.push("a", item);
  take_all(queues);
  EXPECT_EQ(queues.waiting(), 1);
  EXPECT_EQ(queues.running(), 2);
  EXPECT_EQ(queues.running("a"), 2);
  EXPECT_EQ(queues.running("b"), 0);
}

}  // namespace

}  // namespace nubo::driver
