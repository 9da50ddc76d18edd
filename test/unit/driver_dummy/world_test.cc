// SPDX-License-Identifier: Apache-2.0
#include "../../../drivers/dummy/world.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace nubo::dummy {

namespace {

TEST(World, ItsFileHoldsWhatIsThereHoweverManyGuestsThereWere) {
  const test::TempDir dir;
  const std::string path = dir.file("world");
  World world;
  ASSERT_TRUE(world.open(path));
  const Guest stays{.vm = 7, .node = "node1", .deploy_id = "one-7"};
  world.put(stays);
  for (int vm = 100; vm < 20'100; ++vm) {
    world.put({.vm = vm, .node = "node1"});
    world.remove(vm);
  }
  EXPECT_LT(std::filesystem::file_size(path), 4'000'000U);

  World again;
  ASSERT_TRUE(again.open(path));
  EXPECT_EQ(again.on("node1"), std::vector{stays});
}

}  // namespace

}  // namespace nubo::dummy
