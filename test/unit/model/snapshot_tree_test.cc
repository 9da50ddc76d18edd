// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot_tree.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

Template tree(const char* orphans) {
  Template snapshots;
  snapshots.set("ALLOW_ORPHANS", orphans);
  snapshots.add("SNAPSHOT", Vector{{"ID", "0"}, {"PARENT", "-1"}, {"CHILDREN", "1,3"}});
  snapshots.add("SNAPSHOT", Vector{{"ID", "1"}, {"PARENT", "0"}, {"CHILDREN", "2"}});
  snapshots.add("SNAPSHOT", Vector{{"ID", "2"}, {"PARENT", "1"}, {"ACTIVE", "YES"}});
  snapshots.add("SNAPSHOT", Vector{{"ID", "3"}, {"PARENT", "0"}});
  return snapshots;
}

TEST(SnapshotTree, LetsOnlyLeavesGoThatAreNotInUse) {
  const Template strict = tree("NO");
  EXPECT_FALSE(may_delete_snapshot(strict, 0));
  EXPECT_FALSE(may_delete_snapshot(strict, 2));
  EXPECT_TRUE(may_delete_snapshot(strict, 3));
  EXPECT_TRUE(may_delete_snapshot(tree("yes"), 0));
}

TEST(SnapshotTree, ChildrenGoOnWithTheParent) {
  Template snapshots = tree("YES");
  delete_snapshot(snapshots, 1);
  EXPECT_EQ(find_snapshot(snapshots, 0)->get("CHILDREN"), "3,2");
  EXPECT_EQ(find_snapshot(snapshots, 2)->get("PARENT"), "0");
  EXPECT_EQ(find_snapshot(snapshots, 1), nullptr);
}

TEST(SnapshotTree, OneIsActive) {
  Template snapshots = tree("LINEAR");
  activate_snapshot(snapshots, 1);
  EXPECT_TRUE(find_snapshot(snapshots, 1)->yes("ACTIVE"));
  EXPECT_FALSE(find_snapshot(snapshots, 2));
  EXPECT_EQ(snapshots.vectors("SNAPSHOT").size(), 2U);
}

TEST(SnapshotTree, NewOnesGoOnFromWhereTheDiskIs) {
  Template strict = tree("NO");
  add_snapshot(strict, Vector{{"ID", "4"}});
  EXPECT_EQ(find_snapshot(strict, 4)->get("PARENT"), "2");
  EXPECT_EQ(find_snapshot(strict, 2)->get("CHILDREN"), "4");
  settle_snapshot(strict, 4);
  EXPECT_TRUE(find_snapshot(strict, 4)->yes("ACTIVE"));
  Template mixed = tree("MIXED");
  activate_snapshot(mixed, 3);
  add_snapshot(mixed, Vector{{"ID", "4"}});
  EXPECT_EQ(find_snapshot(mixed, 4)->get("PARENT"), "3");
  Template orphans = tree("YES");
  add_snapshot(orphans, Vector{{"ID", "4"}});
  EXPECT_EQ(find_snapshot(orphans, 4)->get("PARENT"), "-1");
}

}  // namespace
}  // namespace nubo
