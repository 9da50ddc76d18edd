// SPDX-License-Identifier: Apache-2.0
#include "auth/authorization.h"

#include <gtest/gtest.h>

#include "auth/vm_operations.h"

namespace nubo {
namespace {

const Identity root{.uid = UserId{0}, .gid = GroupId{0}, .groups = {GroupId{0}}};
const Identity ann{.uid = UserId{5}, .gid = GroupId{100}, .groups = {GroupId{100}, GroupId{101}}};

Image an_image(int owner, int group, unsigned mode) {
  Image image;
  image.id = ImageId{7};
  image.uid = UserId{owner};
  image.gid = GroupId{group};
  image.permissions = Permissions::from_mode(mode);
  return image;
}

Snapshot with_rule(std::uint64_t user, std::uint64_t resource, std::uint64_t rights,
                   std::uint64_t zone = acl_all) {
  Snapshot snapshot;
  auto entry = std::make_shared<Entry<AclRule>>();
  entry->object = {AclId{0}, user, resource, rights, zone};
  snapshot.pool<AclRule>().put(entry);
  return snapshot;
}

bool may(const Snapshot& snapshot, const Identity& caller, Right right, const Guard& guard) {
  return authorize(snapshot, caller, {{right, guard}}).has_value();
}

constexpr auto image_bit = static_cast<std::uint64_t>(ObjectType::image);
constexpr auto host_bit = static_cast<std::uint64_t>(ObjectType::host);
constexpr auto net_bit = static_cast<std::uint64_t>(ObjectType::network);

TEST(Authorize, BitsOfOwnerGroupAndOther) {
  struct Case {
    int owner, group;
    unsigned mode;
    Right right;
    bool allowed;
  };

  for (const Case& c : {Case{5, 1, 0600, Right::manage, true},
                        {5, 1, 0600, Right::admin, false},
                        {6, 101, 0040, Right::use, true},
                        {6, 101, 0040, Right::manage, false},
                        {6, 1, 0070, Right::use, false},
                        {6, 1, 0004, Right::use, true},
                        {5, 1, 0100, Right::use, false},
                        {5, 1, 0777, Right::create, false}}) {
    EXPECT_EQ(may({}, ann, c.right, guard_of(an_image(c.owner, c.group, c.mode))), c.allowed)
        << c.owner << " " << c.group << " " << std::oct << c.mode;
  }
  EXPECT_TRUE(may({}, root, Right::admin, guard_of(an_image(5, 1, 0))));
}

TEST(Authorize, RulesOfEverybodyUserAndGroup) {
  const Guard image = guard_of(an_image(6, 1, 0));
  EXPECT_TRUE(may(with_rule(acl_all, image_bit | acl_all, 1), ann, Right::use, image));
  EXPECT_TRUE(may(with_rule(acl_individual | 5, image_bit | acl_all, 1), ann, Right::use, image));
  EXPECT_TRUE(may(with_rule(acl_group | 101, image_bit | acl_all, 1), ann, Right::use, image));
  EXPECT_FALSE(may(with_rule(acl_group | 102, image_bit | acl_all, 1), ann, Right::use, image));
  EXPECT_FALSE(may(with_rule(acl_all, image_bit | acl_all, 4), ann, Right::use, image));
  EXPECT_FALSE(may(with_rule(acl_all, host_bit | acl_all, 1), ann, Right::use, image));
}

TEST(Authorize, RulesOnObjectGroupClusterAndZone) {
  const Guard image = guard_of(an_image(6, 1, 0));
  EXPECT_TRUE(may(with_rule(acl_all, image_bit | acl_individual | 7, 1), ann, Right::use, image));
  EXPECT_FALSE(may(with_rule(acl_all, image_bit | acl_individual | 8, 1), ann, Right::use, image));
  EXPECT_TRUE(may(with_rule(acl_all, image_bit | acl_group | 1, 1), ann, Right::use, image));
  EXPECT_FALSE(
      may(with_rule(acl_all, image_bit | acl_all, 1, acl_individual | 3), ann, Right::use, image));
  Host host;
  host.id = HostId{2};
  host.cluster_id = ClusterId{4};
  EXPECT_TRUE(
      may(with_rule(acl_all, host_bit | acl_cluster | 4, 2), ann, Right::manage, guard_of(host)));
}

TEST(Authorize, WideRulesPassReservationsBy) {
  VirtualNetwork network;
  network.id = VirtualNetworkId{3};
  network.parent_network_id = "1";
  EXPECT_FALSE(may(with_rule(acl_all, net_bit | acl_all, 1), ann, Right::use, guard_of(network)));
  EXPECT_TRUE(
      may(with_rule(acl_all, net_bit | acl_individual | 3, 1), ann, Right::use, guard_of(network)));
}

TEST(Authorize, CreateComesFromRulesOnly) {
  const Guard new_image = new_object(ObjectType::image);
  EXPECT_FALSE(may({}, ann, Right::create, new_image));
  EXPECT_TRUE(
      may(with_rule(acl_group | 100, image_bit | acl_all, 8), ann, Right::create, new_image));
  EXPECT_TRUE(may({}, root, Right::create, new_image));
  EXPECT_TRUE(
      may(with_rule(acl_all, image_bit | acl_group | 100, 8), ann, Right::create, new_image));
}

TEST(Authorize, UsersAndTheirGroups) {
  User self;
  self.id = UserId{5};
  self.gid = GroupId{100};
  Group own;
  own.id = GroupId{101};
  EXPECT_TRUE(may({}, ann, Right::manage, guard_of(self)));
  EXPECT_FALSE(may({}, ann, Right::admin, guard_of(self)));
  EXPECT_TRUE(may({}, ann, Right::use, guard_of(own)));
  EXPECT_FALSE(may({}, ann, Right::manage, guard_of(own)));
}

TEST(Authorize, LocksStopAdminsToo) {
  for (const int level : {1, 2, 3}) {
    Image image = an_image(0, 0, 0777);
    image.lock = Lock{.level = level};
    EXPECT_EQ(may({}, root, Right::use, guard_of(image)), level > 1);
    EXPECT_EQ(may({}, root, Right::manage, guard_of(image)), level > 2);
    EXPECT_FALSE(may({}, root, Right::admin, guard_of(image)));
    EXPECT_TRUE(
        authorize({}, root, {{Right::admin, guard_of(image), Locks::are_ignored}}).has_value());
  }
}

TEST(Authorize, NamesAllThatIsMissing) {
  Cluster cluster;
  cluster.id = ClusterId{0};
  const Status denied = authorize(
      {}, ann,
      {{Right::create, new_object(ObjectType::network)}, {Right::admin, guard_of(cluster)}});
  EXPECT_EQ(denied.error().code, Code::authorization);
  EXPECT_EQ(denied.error().message,
            "User [5] : Not authorized to perform CREATE NET; Not authorized to perform ADMIN "
            "CLUSTER [0].");
  Image image = an_image(5, 1, 0600);
  image.lock = Lock{.level = 1};
  EXPECT_EQ(authorize({}, root, {{Right::use, guard_of(image)}}).error().message,
            "User [0] : IMAGE is locked. [7].");
}

TEST(Visibility, ShowsWhatTheFlagSelectsAndTheCallerMayUse) {
  const auto shown = [](const Identity& caller, int flag, const Image& image) {
    return Visibility::make({}, caller, ObjectType::image, flag)->shows(guard_of(image));
  };
  const Image own = an_image(5, 100, 0), shared = an_image(6, 101, 0040),
              hidden = an_image(6, 101, 0), foreign = an_image(6, 1, 0004);

  struct Case {
    int flag;
    bool own, shared, hidden, foreign;
  };

  for (const Case& c : {Case{-4, true, false, false, false},
                        {-3, true, false, false, false},
                        {-2, true, true, false, true},
                        {-1, true, true, false, false},
                        {5, true, false, false, false},
                        {6, false, true, false, true}}) {
    EXPECT_EQ(shown(ann, c.flag, own), c.own) << c.flag;
    EXPECT_EQ(shown(ann, c.flag, shared), c.shared) << c.flag;
    EXPECT_EQ(shown(ann, c.flag, hidden), c.hidden) << c.flag;
    EXPECT_EQ(shown(ann, c.flag, foreign), c.foreign) << c.flag;
  }
  EXPECT_TRUE(shown(root, -2, hidden));
  EXPECT_EQ(Visibility::make({}, root, ObjectType::image, -5).error().code, Code::api);
}

TEST(Visibility, RulesOpenAPool) {
  const Snapshot snapshot = with_rule(acl_group | 100, host_bit | acl_cluster | 4, 1);
  Host host;
  host.id = HostId{1};
  host.cluster_id = ClusterId{4};
  const auto visibility = Visibility::make(snapshot, ann, ObjectType::host);
  EXPECT_TRUE(visibility->shows(guard_of(host)));
  host.cluster_id = ClusterId{5};
  EXPECT_FALSE(visibility->shows(guard_of(host)));
}

TEST(InitialPermissions, FollowUmaskAndRank) {
  EXPECT_EQ(initial_permissions(ann, {}), Permissions::from_mode(0600));
  EXPECT_EQ(initial_permissions(root, {}), Permissions::from_mode(0600));
  Identity open = ann;
  open.umask = 0;
  EXPECT_EQ(initial_permissions(open, {}), Permissions::from_mode(0666));
  EXPECT_EQ(initial_permissions(open, {.enable_other_permissions = false}),
            Permissions::from_mode(0660));
}

TEST(VmOperations, UserThenGroupThenConfiguration) {
  Snapshot snapshot;
  auto user = std::make_shared<Entry<User>>();
  user->object.id = ann.uid;
  user->object.attributes.add("VM_USE_OPERATIONS", "stop,hold");
  snapshot.pool<User>().put(user);
  EXPECT_EQ(vm_operation_right(snapshot, ann, "stop"), Right::use);
  EXPECT_EQ(vm_operation_right(snapshot, ann, "migrate"), Right::admin);
  EXPECT_EQ(vm_operation_right(snapshot, ann, "resume"), Right::manage);
  Template lists;
  lists.add("VM_ADMIN_OPERATIONS", "stop, resume");
  Identity caller = ann;
  caller.vm_operations = std::make_shared<const Template>(lists);
  EXPECT_EQ(vm_operation_right(snapshot, caller, "resume"), Right::admin);
  EXPECT_EQ(vm_operation_right(snapshot, caller, "stop"), Right::use);
  Template wrong;
  wrong.add("VM_USE_OPERATIONS", "stop, fly");
  EXPECT_EQ(check_vm_operations(wrong).error().message, "Unknown vm operation: fly");
}

}  // namespace
}  // namespace nubo
