// SPDX-License-Identifier: Apache-2.0
#include "sched/affinity.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace nubo {
namespace {

/// One VM group with roles a, b and c; VM n plays the role that the test says.
class AffinityTest : public ::testing::Test {
 protected:
  template <class T>
  void put(const T& object) {
    world.pool<T>().put(entry_of(object));
  }

  void make_group(const std::string& roles, const std::string& rules) {
    VmGroup group;
    group.id = VmGroupId{0};
    const Template given = *parse_template(roles);
    for (const Vector* role : given.vectors("ROLE")) {
      group.roles.add("ROLE", *role);
    }
    group.attributes = *parse_template(rules);
    put(group);
  }

  Affinity of(int id, const std::string& role) {
    Vm vm;
    vm.id = VmId{id};
    vm.system.set("VMGROUP", Vector{{"VMGROUP_ID", "0"}, {"ROLE", role}});
    return affinity_of(world, vm);
  }

  Snapshot world;
};

using Vms = IdSet<VmTag>;

TEST_F(AffinityTest, ARoleKeepsItsVmsTogetherOrApart) {
  make_group(
      "ROLE=[NAME=a,POLICY=AFFINED,VMS=\"1,2\"]\n"
      "ROLE=[NAME=b,POLICY=ANTI_AFFINED,VMS=\"3,4\"]\nROLE=[NAME=c,VMS=\"5,6\"]",
      "");
  EXPECT_EQ(of(1, "a").together, Vms{VmId{2}});
  EXPECT_EQ(of(3, "b").apart, Vms{VmId{4}});
  EXPECT_TRUE(of(5, "c").is_empty());
}

TEST_F(AffinityTest, RulesTieRolesAlsoByWayOfOthers) {
  make_group("ROLE=[NAME=a,VMS=1]\nROLE=[NAME=b,VMS=2]\nROLE=[NAME=c,VMS=3]",
             "AFFINED=\"a,b\"\nAFFINED=\"b, c\"");
  EXPECT_EQ(of(1, "a").together, (Vms{VmId{2}, VmId{3}}));
}

TEST_F(AffinityTest, RulesKeepRolesApart) {
  make_group("ROLE=[NAME=a,VMS=\"1,2\"]\nROLE=[NAME=b,VMS=3]", "ANTI_AFFINED=\"a,b\"");
  EXPECT_EQ(of(1, "a").apart, Vms{VmId{3}});
  EXPECT_EQ(of(3, "b").apart, (Vms{VmId{1}, VmId{2}}));
}

TEST_F(AffinityTest, RolesNameHosts) {
  make_group("ROLE=[NAME=a,HOST_AFFINED=\"0,1\",HOST_ANTI_AFFINED=1]", "");
  const Affinity affinity = of(1, "a");
  EXPECT_TRUE(affinity.allows(HostId{0}, {}, false));
  EXPECT_FALSE(affinity.allows(HostId{1}, {}, false));
  EXPECT_FALSE(affinity.allows(HostId{2}, {}, false));
}

TEST_F(AffinityTest, TheFirstOfThoseThatWantToBeTogetherGoesAnywhere) {
  const Affinity affinity{.together = {VmId{2}}};
  EXPECT_TRUE(affinity.allows(HostId{0}, {}, false));
  EXPECT_FALSE(affinity.allows(HostId{0}, {VmId{7}}, true));
  EXPECT_TRUE(affinity.allows(HostId{0}, {VmId{2}}, true));
}

TEST_F(AffinityTest, AGroupThatIsGoneAsksNothing) { EXPECT_TRUE(of(1, "a").is_empty()); }

}  // namespace
}  // namespace nubo
