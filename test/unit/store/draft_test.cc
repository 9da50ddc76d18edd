// SPDX-License-Identifier: Apache-2.0
#include "store/draft.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

Draft empty_draft() { return {Snapshot{}, no_ids_given, EpochSeconds(100)}; }

Host named_host(const std::string& name) {
  Host host;
  host.name = name;
  return host;
}

Image owned_image(int owner, const std::string& name) {
  Image image;
  image.uid = UserId{owner};
  image.name = name;
  return image;
}

TEST(Draft, InsertGivesIdsInARow) {
  Draft draft = empty_draft();
  EXPECT_EQ(draft.insert(named_host("a"))->value, 0);
  EXPECT_EQ(draft.insert(named_host("b"))->value, 1);
  draft.erase<Host>(HostId{1});
  EXPECT_EQ(draft.insert(named_host("c"))->value, 2);
}

TEST(Draft, ReservedIdsAreSkipped) {
  Draft draft = empty_draft();
  draft.reserve_ids<Cluster>(99);
  draft.reserve_ids<Cluster>(5);
  EXPECT_EQ(draft.insert(Cluster{})->value, 100);
}

TEST(Draft, EditReturnsTheSameObjectWithinAChange) {
  Draft draft = empty_draft();
  const HostId id = *draft.insert(named_host("a"));
  Host* first = *draft.edit<Host>(id);
  first->im_mad = "kvm";
  EXPECT_EQ(*draft.edit<Host>(id), first);
  EXPECT_EQ(draft.find<Host>(id)->im_mad, "kvm");
}

TEST(Draft, EditLeavesTheSnapshotItCameFrom) {
  Draft first = empty_draft();
  const HostId id = *first.insert(named_host("a"));
  const Snapshot before = first.view();
  Draft second(before, first.counters(), EpochSeconds(101));
  (*second.edit<Host>(id))->name = "b";
  EXPECT_EQ(before.find<Host>(id)->name, "a");
  EXPECT_EQ(second.find<Host>(id)->name, "b");
}

TEST(Draft, MissingObjectsAreNamed) {
  Draft draft = empty_draft();
  EXPECT_EQ(draft.edit<Host>(HostId{7}).error().code, Code::no_exists);
  EXPECT_EQ(draft.get<Host>(HostId{7}).error().object, 7);
  EXPECT_EQ(draft.find<Host>(HostId{-1}), nullptr);
}

TEST(Draft, NamesAreUniqueInTheirScope) {
  Draft draft = empty_draft();
  ASSERT_TRUE(draft.insert(named_host("a")));
  EXPECT_EQ(draft.insert(named_host("a")).error().message, "NAME is already taken by HOST 0.");
  ASSERT_TRUE(draft.insert(owned_image(1, "disk")));
  EXPECT_TRUE(draft.insert(owned_image(2, "disk")));
  EXPECT_FALSE(draft.insert(owned_image(2, "disk")));
}

TEST(Draft, RenamedAndErasedObjectsFreeTheirNames) {
  Draft draft = empty_draft();
  const HostId a = *draft.insert(named_host("a"));
  const HostId b = *draft.insert(named_host("b"));
  (*draft.edit<Host>(a))->name = "c";
  ASSERT_TRUE(draft.finish());
  draft.erase<Host>(b);
  const NameIndex& names = draft.view().names();
  EXPECT_EQ(names.find(ObjectType::host, -1, "a"), std::nullopt);
  EXPECT_EQ(names.find(ObjectType::host, -1, "b"), std::nullopt);
  EXPECT_EQ(names.find(ObjectType::host, -1, "c"), a.value);
}

TEST(Draft, TwoObjectsCanSwapNames) {
  Draft draft = empty_draft();
  const HostId a = *draft.insert(named_host("a"));
  const HostId b = *draft.insert(named_host("b"));
  (*draft.edit<Host>(a))->name = "b";
  (*draft.edit<Host>(b))->name = "a";
  ASSERT_TRUE(draft.finish());
  EXPECT_EQ(draft.view().names().find(ObjectType::host, -1, "b"), a.value);
  EXPECT_EQ(draft.view().names().find(ObjectType::host, -1, "a"), b.value);
}

TEST(Draft, FinishRefusesARenameToATakenName) {
  Draft draft = empty_draft();
  const HostId a = *draft.insert(named_host("a"));
  ASSERT_TRUE(draft.insert(named_host("b")));
  (*draft.edit<Host>(a))->name = "b";
  EXPECT_FALSE(draft.finish());
}

TEST(Draft, AnOwnerChangeMovesTheName) {
  Draft draft = empty_draft();
  const ImageId id = *draft.insert(owned_image(1, "disk"));
  (*draft.edit<Image>(id))->uid = UserId{2};
  ASSERT_TRUE(draft.finish());
  EXPECT_EQ(draft.view().names().find(ObjectType::image, 1, "disk"), std::nullopt);
  EXPECT_EQ(draft.view().names().find(ObjectType::image, 2, "disk"), id.value);
}

TEST(Draft, EmittedEffectsCarryTheTime) {
  Draft draft = empty_draft();
  const EffectId id = *draft.emit({.subject = "image", .object = 3, .operation = "ds.cp"});
  EXPECT_EQ(draft.find<Effect>(id)->since, EpochSeconds(100));
}

}  // namespace
}  // namespace nubo
