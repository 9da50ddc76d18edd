// SPDX-License-Identifier: Apache-2.0
#include "sched/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace nubo {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A snapshot made by hand: cluster 0, hosts of 4 cores and 8 GB, one shared system datastore.
class PlacementTest : public ::testing::Test {
 protected:
  PlacementTest() {
    Cluster cluster;
    cluster.id = ClusterId{0};
    cluster.name = "default";
    put(cluster);
    put(a_datastore(0));
  }

  template <class T>
  void put(const T& object) {
    world.pool<T>().put(entry_of(object));
  }

  static Host a_host(int id) {
    Host host;
    host.id = HostId{id};
    host.name = "node" + std::to_string(id);
    host.state = HostState::monitored;
    host.cluster_id = ClusterId{0};
    host.cluster = "default";
    host.share.max_cpu = 400;
    host.share.max_mem = 8LL << 20;
    return host;
  }

  static Datastore a_datastore(int id) {
    Datastore store;
    store.id = DatastoreId{id};
    store.name = "system" + std::to_string(id);
    store.kind = DatastoreType::system;
    store.clusters = {ClusterId{0}};
    store.total_mb = store.free_mb = 10'000;
    store.attributes.set("SHARED", "YES");
    return store;
  }

  static Vm a_vm(int id, const std::string& user = "", const std::string& system = "") {
    Vm vm;
    vm.id = VmId{id};
    vm.uname = "alice";
    vm.state = VmState::pending;
    vm.system = *parse_template("CPU=1 MEMORY=1024 " + system);
    vm.user = *parse_template(user);
    return vm;
  }

  Plan plan() { return place(world, rules, cache); }

  /// "vm:host" in the order of placement.
  std::vector<std::string> placed() {
    std::vector<std::string> pairs;
    for (const Placed& one : plan().placed) {
      pairs.push_back(std::to_string(one.vm.value) + ":" + std::to_string(one.host.value));
    }
    return pairs;
  }

  std::string why_not(int vm) {
    for (const NotPlaced& one : plan().not_placed) {
      if (one.vm == VmId{vm}) return one.why;
    }
    return "it was placed";
  }

  Snapshot world;
  PlacementRules rules;
  PlacementCache cache;
};

TEST_F(PlacementTest, SpreadsOverHostsWithFewestMachines) {
  for (int id = 0; id < 3; ++id) put(a_host(id));
  for (int id = 0; id < 6; ++id) put(a_vm(id));
  EXPECT_THAT(placed(), ElementsAre("0:0", "1:1", "2:2", "3:0", "4:1", "5:2"));
}

TEST_F(PlacementTest, FollowsWhatChangesBetweenRounds) {
  Host host = a_host(0);
  host.attributes.set("ARCH", "arm");
  put(host);
  put(a_vm(0, "SCHED_REQUIREMENTS=\"ARCH=x86\""));
  EXPECT_THAT(placed(), IsEmpty());
  host.attributes.set("ARCH", "x86");
  put(host);
  EXPECT_THAT(placed(), ElementsAre("0:0"));
  Vm runs = a_vm(0);
  runs.state = VmState::active;
  put(runs);
  put(a_vm(7, "SCHED_REQUIREMENTS=\"ARCH=x86\""));
  EXPECT_THAT(placed(), ElementsAre("7:0"));
  world.pool<Vm>().erase(VmId{7});
  EXPECT_THAT(placed(), IsEmpty());
}

TEST_F(PlacementTest, AsksHostsAgainWhenTheirClusterChanges) {
  put(a_host(0));
  put(a_vm(0, "SCHED_REQUIREMENTS=\"RACK=1\""));
  EXPECT_THAT(placed(), IsEmpty());
  Cluster cluster = *world.find<Cluster>(ClusterId{0});
  cluster.attributes.set("RACK", "1");
  put(cluster);
  EXPECT_THAT(placed(), ElementsAre("0:0"));
}

TEST_F(PlacementTest, NeverPromisesTheSameRoomTwice) {
  put(a_host(0));
  for (int id = 0; id < 6; ++id) put(a_vm(id));
  EXPECT_THAT(placed(), ElementsAre("0:0", "1:0", "2:0", "3:0"));
  EXPECT_THAT(why_not(4), AllOf(HasSubstr("lack CPU"), HasSubstr("1.00 needed, 0.00 free")));
}

TEST_F(PlacementTest, CountsWhatIsChargedToTheHost) {
  Host host = a_host(0);
  host.share.mem_usage = (8LL << 20) - 1024;  // 1 MB left
  put(host);
  put(a_vm(0));
  EXPECT_THAT(why_not(0), HasSubstr("1024 MB needed, 1 MB free at most"));
}

TEST_F(PlacementTest, TakesHighPriorityFirstThenTheOldest) {
  put(a_host(0));
  put(a_vm(1));
  put(a_vm(2, "USER_PRIORITY=10"));
  put(a_vm(3));
  EXPECT_THAT(placed(), ElementsAre("2:0", "1:0", "3:0"));
}

TEST_F(PlacementTest, LeavesHeldAndLockedMachinesAlone) {
  put(a_host(0));
  Vm held = a_vm(1);
  held.state = VmState::hold;
  put(held);
  Vm locked = a_vm(2);
  locked.lock.emplace();
  put(locked);
  const Plan result = plan();
  EXPECT_THAT(result.placed, IsEmpty());
  EXPECT_THAT(result.not_placed, IsEmpty());
}

TEST_F(PlacementTest, PlacesNothingOnHostsThatAreNotMonitored) {
  for (const HostState state :
       {HostState::init, HostState::error, HostState::disabled, HostState::offline}) {
    Host host = a_host(static_cast<int>(state));
    host.state = state;
    put(host);
  }
  put(a_vm(0));
  EXPECT_THAT(why_not(0), HasSubstr("there is no host that is monitored and enabled"));
}

TEST_F(PlacementTest, MeetsRequirementsOfTheDaemonAndOfTheUser) {
  for (int id = 0; id < 3; ++id) {
    Host host = a_host(id);
    host.attributes.set("RACK", id == 2 ? "b" : "a");
    put(host);
  }
  put(a_vm(0, R"(SCHED_REQUIREMENTS="RACK = \"a\"")",
           R"(AUTOMATIC_REQUIREMENTS="CLUSTER_ID = 0 & ID > 0")"));
  EXPECT_THAT(placed(), ElementsAre("0:1"));
}

TEST_F(PlacementTest, SaysThatNoHostMeetsTheRequirements) {
  put(a_host(0));
  put(a_vm(0, R"(SCHED_REQUIREMENTS="RACK = \"z\"")"));
  EXPECT_THAT(why_not(0), HasSubstr("none of 1 hosts meets the requirements"));
}

TEST_F(PlacementTest, SaysWhatIsWrongWithAnExpression) {
  put(a_host(0));
  put(a_vm(0, R"(SCHED_REQUIREMENTS="RACK = = 1")"));
  put(a_vm(1));
  EXPECT_NE(why_not(0), "it was placed");
  EXPECT_THAT(placed(), ElementsAre("1:0"));
}

TEST_F(PlacementTest, RanksHostsByTheUsersExpression) {
  for (int id = 0; id < 3; ++id) {
    Host host = a_host(id);
    host.attributes.set("SPEED", std::to_string(id == 1 ? 30 : id));
    put(host);
  }
  put(a_vm(0, "SCHED_RANK=SPEED"));
  EXPECT_THAT(placed(), ElementsAre("0:1"));
}

TEST_F(PlacementTest, KeepsMachinesOffTheHostsOfOthersByCurrentVms) {
  for (int id = 0; id < 2; ++id) put(a_host(id));
  for (int id = 0; id < 2; ++id) put(a_vm(id, R"(SCHED_RANK="- ID")"));
  // Both prefer host 0; this one may not be where machine 0 goes in this very round.
  put(a_vm(2, R"(SCHED_REQUIREMENTS="CURRENT_VMS != 0" SCHED_RANK="- ID")"));
  EXPECT_THAT(placed(), ElementsAre("0:0", "1:0", "2:1"));
}

TEST_F(PlacementTest, AsksWhoMayUseWhat) {
  for (int id = 0; id < 2; ++id) put(a_host(id));
  rules.may_use_host = [](const Vm&, const Host& host) { return host.id == HostId{1}; };
  put(a_vm(0));
  EXPECT_THAT(placed(), ElementsAre("0:1"));
  rules.may_use_host = [](const Vm&, const Host&) { return false; };
  EXPECT_THAT(why_not(0), HasSubstr("may be used by alice"));
}

TEST_F(PlacementTest, FillsSystemDatastoresOnlyAsFarAsTheyGo) {
  put(a_host(0));
  for (int id = 0; id < 2; ++id) put(a_vm(id, "", R"(DISK=[TYPE="fs",SIZE="6000"])"));
  EXPECT_THAT(placed(), ElementsAre("0:0"));
  EXPECT_THAT(why_not(1), HasSubstr("no system datastore with 6000 MB free"));
}

TEST_F(PlacementTest, ImagesThatStayInTheirDatastoreTakeNoRoom) {
  put(a_host(0));
  put(a_vm(0, "", R"(DISK=[IMAGE_ID="3",CLONE="NO",LN_TARGET="NONE",SIZE="60000"])"));
  EXPECT_THAT(placed(), ElementsAre("0:0"));
}

TEST_F(PlacementTest, TakesTheDatastoreWithMostRoomOrAsRanked) {
  put(a_host(0));
  Datastore large = a_datastore(7);
  large.free_mb = 50'000;
  put(large);
  put(a_vm(0));
  put(a_vm(1, R"(SCHED_DS_RANK="- FREE_MB")"));
  put(a_vm(2, R"(SCHED_DS_REQUIREMENTS="NAME = \"system0\"")"));
  const Plan result = plan();
  ASSERT_EQ(result.placed.size(), 3U);
  EXPECT_EQ(result.placed[0].datastore, DatastoreId{7});
  EXPECT_EQ(result.placed[1].datastore, DatastoreId{0});
  EXPECT_EQ(result.placed[2].datastore, DatastoreId{0});
}

TEST_F(PlacementTest, NeedsADatastoreOfTheHostsCluster) {
  Host host = a_host(0);
  host.cluster_id = ClusterId{5};
  put(host);
  put(a_vm(0));
  EXPECT_THAT(why_not(0), HasSubstr("1 hosts have no system datastore"));
}

TEST_F(PlacementTest, WaitsForADatastoreThatWasNeverMonitored) {
  put(a_host(0));
  Datastore unseen = a_datastore(0);
  unseen.total_mb = unseen.free_mb = 0;
  put(unseen);
  put(a_vm(0));
  EXPECT_THAT(why_not(0), HasSubstr("no system datastore is enabled, monitored"));
}

TEST_F(PlacementTest, LooksAtTheHostsOwnDiskWhenADatastoreIsLocal) {
  Datastore local = a_datastore(0);
  local.attributes.set("SHARED", "NO");
  local.free_mb = local.total_mb = 0;
  put(local);
  Host small = a_host(0);
  small.share.datastores = *parse_template("FREE_DISK=90000 DS=[ID=0,FREE_MB=100]");
  put(small);
  Host big = a_host(1);
  big.share.datastores = *parse_template("FREE_DISK=90000");
  big.share.running_vms = 9;
  put(big);
  put(a_vm(0, "", R"(DISK=[TYPE="fs",SIZE="200"])"));
  EXPECT_THAT(placed(), ElementsAre("0:1"));
}

TEST_F(PlacementTest, MovesWhatAsksForAnotherHost) {
  for (int id = 0; id < 2; ++id) put(a_host(id));
  Vm vm = a_vm(0);
  vm.state = VmState::active;
  vm.lcm_state = LcmState::running;
  vm.resched = true;
  History record;
  record.host_id = HostId{0};
  record.datastore_id = DatastoreId{0};
  vm.history.list.push_back(record);
  put(vm);
  const Plan result = plan();
  EXPECT_THAT(result.placed,
              ElementsAre(Placed{VmId{0}, HostId{1}, DatastoreId{0}, /*migrates=*/true}));
}

/// Three machines of role "a" of group 0.
void make_group(Snapshot& world, const std::string& policy) {
  VmGroup group;
  group.id = VmGroupId{0};
  group.roles.add("ROLE", Vector{{"ID", "0"}, {"NAME", "a"}, {"POLICY", policy}, {"VMS", "0,1,2"}});
  world.pool<VmGroup>().put(entry_of(group));
}

constexpr const char* in_role = "VMGROUP=[VMGROUP_ID=0,ROLE=a]";

TEST_F(PlacementTest, MachinesOfAnAffinedRoleShareAHostWithinARound) {
  make_group(world, "AFFINED");
  for (const int id : {0, 1}) put(a_host(id));
  for (const int id : {0, 1, 2}) put(a_vm(id, "", in_role));
  EXPECT_THAT(placed(), ElementsAre("0:0", "1:0", "2:0"));
}

TEST_F(PlacementTest, MachinesOfAnAntiAffinedRoleNeverShareAHost) {
  make_group(world, "ANTI_AFFINED");
  for (const int id : {0, 1}) put(a_host(id));
  for (const int id : {0, 1, 2}) put(a_vm(id, "", in_role));
  EXPECT_THAT(placed(), ElementsAre("0:0", "1:1"));
  EXPECT_THAT(why_not(2), HasSubstr("2 hosts are ruled out by the VM group"));
}

}  // namespace
}  // namespace nubo
