// SPDX-License-Identifier: Apache-2.0
// Quotas over the lives of VMs: charged when a VM takes something, given back when it does not.
#include <gtest/gtest.h>

#include <random>

#include "flow/vm_place.h"
#include "support/cloud.h"

namespace nubo {
namespace {

constexpr UserId ann{1};
constexpr GroupId staff{1};

/// Node 2 in a cluster of its own; two users and a group with an entry for each cluster.
class QuotaCloud : public test::Cloud {
 public:
  QuotaCloud() {
    change([](Draft& draft) -> Status {
      for (const char* name : {"oneadmin", "ann", "bob"}) {
        User user;
        user.name = name;
        NUBO_CHECK(draft.insert(std::move(user)));
      }
      for (const char* name : {"oneadmin", "staff"}) {
        Group group;
        group.name = name;
        NUBO_CHECK(draft.insert(std::move(group)));
      }
      Cluster second = *draft.find<Cluster>(ClusterId{0});
      second.name = "second";
      second.hosts = {HostId{1}};
      NUBO_CHECK(draft.insert(std::move(second)));
      (*draft.edit<Cluster>(ClusterId{0}))->hosts = {HostId{0}};
      (*draft.edit<Host>(HostId{1}))->cluster_id = ClusterId{1};
      for (const int id : {0, 1}) {
        (*draft.edit<Datastore>(DatastoreId{id}))->clusters.insert(ClusterId{1});
      }
      (*draft.edit<VirtualNetwork>(VirtualNetworkId{0}))->clusters.insert(ClusterId{1});
      return ok();
    });
    limit(ann, "VM=[CLUSTER_IDS=\"1\",VMS=1000]");
    change([](Draft& draft) -> Status {
      NUBO_TRY(Group* const group, draft.edit<Group>(staff));
      return set_limits(group->quotas,
                        *parse_template("VM=[CLUSTER_IDS=\"0\",VMS=1000] "
                                        "VM=[CLUSTER_IDS=\"1\",VMS=1000]"),
                        LimitsOf::one_account, draft.quota_metrics());
    });
  }

  void limit(UserId id, const std::string& text) {
    change([&](Draft& draft) -> Status {
      NUBO_TRY(User* const user, draft.edit<User>(id));
      return set_limits(user->quotas, *parse_template(text), LimitsOf::one_account,
                        draft.quota_metrics());
    });
  }

  /// As an API call: what it costs must fit.
  Status ask(const std::function<Status(Draft&)>& work) {
    return try_change([&](Draft& draft) -> Status {
      NUBO_CHECK(work(draft));
      return draft.settle_quotas(QuotaTest::limits);
    });
  }

  Status ask(VmId id, VmEvent event) {
    return ask([=](Draft& draft) { return step(draft, id, event); });
  }

  /// Whole units of a metric that ann has used: in all, or in the entry of a cluster.
  long long used(const std::string& metric, int cluster = -1) const {
    const Ptr<User> user = writer->snapshot()->find<User>(ann);
    for (const QuotaEntry& entry : user->quotas.vm.entries) {
      const bool wanted =
          cluster < 0 ? entry.clusters.empty() : entry.clusters.contains(ClusterId{cluster});
      if (wanted) return entry.gauges.at(metric).used / one_unit;
    }
    return 0;
  }

  VmId vm_of_ann() { return make_vm(vm_text, ann, staff); }
};

TEST(VmQuota, FollowsTheVmFromAllocationToItsEnd) {
  QuotaCloud cloud;
  const VmId id = cloud.vm_of_ann();
  EXPECT_EQ(cloud.used("VMS"), 1);
  EXPECT_EQ(cloud.used("RUNNING_MEMORY"), 512);
  EXPECT_EQ(cloud.used("SYSTEM_DISK_SIZE"), 1024);
  cloud.place();
  cloud.answer_all();
  ASSERT_TRUE(cloud.ask(id, VmEvent::poweroff));
  EXPECT_EQ(cloud.used("RUNNING_VMS"), 1);
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "POWEROFF");
  EXPECT_EQ(cloud.used("RUNNING_VMS"), 0);
  EXPECT_EQ(cloud.used("MEMORY"), 512);
  ASSERT_TRUE(cloud.ask(id, VmEvent::terminate));
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "DONE");
  EXPECT_EQ(cloud.used("VMS"), 0);
  EXPECT_TRUE(cloud.writer->snapshot()->find<User>(ann)->quotas.network.entries.empty());
  EXPECT_TRUE(cloud.writer->snapshot()->find<User>(ann)->quotas.image.entries.empty());
}

TEST(VmQuota, RefusesAResumeAndChargesNothing) {
  QuotaCloud cloud;
  const VmId id = cloud.vm_of_ann();
  cloud.place();
  cloud.answer_all();
  ASSERT_TRUE(cloud.ask(id, VmEvent::suspend));
  cloud.answer_all();
  cloud.limit(ann, "VM=[RUNNING_VMS=0]");
  const Status refused = cloud.ask(id, VmEvent::resume);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "user [1] limit of 0 reached for RUNNING_VMS quota in VM");
  EXPECT_EQ(cloud.state(id), "SUSPENDED");
  EXPECT_EQ(cloud.used("RUNNING_VMS"), 0);
}

TEST(VmQuota, NeverKeepsAVmFromEnding) {
  QuotaCloud cloud;
  const VmId id = cloud.vm_of_ann();
  cloud.place();
  cloud.answer_all();
  ASSERT_TRUE(cloud.ask(id, VmEvent::poweroff));
  cloud.answer_all();
  cloud.limit(ann, "VM=[RUNNING_VMS=0]");
  ASSERT_TRUE(cloud.ask(id, VmEvent::terminate));
  EXPECT_EQ(cloud.used("RUNNING_VMS"), 1);  // while its epilog runs
  cloud.answer_all();
  EXPECT_EQ(cloud.used("RUNNING_VMS"), 0);
}

TEST(VmQuota, MovesBetweenClustersAndBack) {
  QuotaCloud cloud;
  const VmId id = cloud.vm_of_ann();
  EXPECT_EQ(cloud.used("VMS", 1), 0);
  const auto deploy_on = [&](int host) {
    return cloud.ask([&](Draft& draft) {
      return deploy(draft, {.vm = id, .host = HostId{host}}, cloud.settings);
    });
  };
  ASSERT_TRUE(deploy_on(1));
  cloud.answer_all();
  EXPECT_EQ(cloud.used("VMS", 1), 1);
  const auto migrate_to = [&](int host) {
    return cloud.ask([&](Draft& draft) {
      return migrate(draft, {.vm = id, .host = HostId{host}, .live = true}, cloud.settings);
    });
  };
  ASSERT_TRUE(migrate_to(0));
  EXPECT_EQ(cloud.used("VMS", 1), 0);
  cloud.answer_all([](const std::string& action) { return action == "kvm.migrate"; });
  EXPECT_EQ(cloud.vm(id)->current()->host_id, HostId{1});
  EXPECT_EQ(cloud.used("VMS", 1), 1);
  EXPECT_EQ(cloud.used("VMS"), 1);
}

TEST(VmQuota, ColdMigrationReleasesRunningUsageOnce) {
  QuotaCloud cloud;
  const VmId id = cloud.vm_of_ann();
  cloud.place();
  cloud.answer_all();
  ASSERT_TRUE(cloud.ask(id, VmEvent::poweroff));
  cloud.answer_all();
  const int other = 1 - cloud.vm(id)->current()->host_id.value;
  ASSERT_TRUE(cloud.ask([&](Draft& draft) {
    return migrate(draft, {.vm = id, .host = HostId{other}}, cloud.settings);
  }));
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "POWEROFF");
  EXPECT_EQ(cloud.used("RUNNING_VMS"), 0);
  EXPECT_FALSE(cloud.quotas_drifted());
}

TEST(VmQuota, OfAFullClusterRefusesThePlaceAndKeepsNothing) {
  QuotaCloud cloud;
  cloud.limit(ann, "VM=[CLUSTER_IDS=\"1\",VMS=0]");
  const VmId id = cloud.vm_of_ann();
  const Status refused = cloud.ask(
      [&](Draft& draft) { return deploy(draft, {.vm = id, .host = HostId{1}}, cloud.settings); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "user [1] limit of 0 reached for VMS quota in VM with ID: 1");
  EXPECT_EQ(cloud.used("VMS", 1), 0);
  EXPECT_EQ(cloud.state(id), "PENDING");
}

struct Walk {
  QuotaCloud cloud;
  std::mt19937 random;
  std::vector<VmId> vms;

  int any(int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); }

  void make() {
    constexpr const char* texts[]{"CPU=0.3333 MEMORY=256 DISK=[IMAGE_ID=0] NIC=[NETWORK_ID=0]",
                                  "CPU=1 MEMORY=64 DISK=[TYPE=fs,SIZE=100] PCI=[CLASS=\"0300\"]",
                                  "CPU=0.1 MEMORY=64 DISK=[IMAGE_ID=0] DISK=[IMAGE_ID=0]"};
    VmId id;
    const Status made = cloud.ask([&](Draft& draft) -> Status {
      Owned owner;
      owner.uid = UserId{any(3)};
      owner.gid = GroupId{any(2)};
      NUBO_TRY(id, create_vm(draft, {.owner = owner, .attributes = *parse_template(texts[any(3)])},
                             cloud.settings));
      return ok();
    });
    if (made) vms.push_back(id);
  }

  Status chown(Draft& draft, VmId id) {
    NUBO_TRY(Vm* const vm, draft.edit<Vm>(id));
    vm->uid = UserId{any(3)};
    vm->gid = GroupId{any(2)};
    return ok();
  }

  void step_once() {
    if (vms.size() < 4) make();
    if (vms.empty()) return;
    const VmId id = vms[static_cast<std::size_t>(any(static_cast<int>(vms.size())))];
    const auto event = static_cast<VmEvent>(any(static_cast<int>(VmEvent::images_ready)));
    switch (any(6)) {
      case 0:
        cloud.place();
        break;
      case 1:
        (void)cloud.ask([&](Draft& draft) {
          return migrate(draft, {.vm = id, .host = HostId{any(2)}, .live = any(2) == 0},
                         cloud.settings);
        });
        break;
      case 2:
        (void)cloud.ask([&](Draft& draft) { return chown(draft, id); });
        break;
      case 3: {
        const bool deploys = event >= VmEvent::deploy && event <= VmEvent::migrate_poweroff_hard;
        const bool answers =
            event >= VmEvent::succeeded && event <= VmEvent::moved_without_checkpoint;
        if (!deploys && !answers) (void)cloud.ask(id, event);
        break;
      }
      default:
        if (cloud.drivers.asked.empty()) break;
        cloud.answer(any(4) != 0 ? test::good_outcome(cloud.drivers.asked.front().request)
                                 : Outcome{End::failed, "no", {}});
    }
    std::erase_if(vms, [&](VmId each) { return cloud.vm(each)->state == VmState::done; });
  }
};

/// Whatever users, drivers and nodes do, and whether quotas allow it.
TEST(VmQuota, UsageEqualsARecountAfterRandomEvents) {
  Walk walk{.cloud = {}, .random = std::mt19937(11), .vms = {}};
  walk.cloud.limit(ann, "VM=[VMS=2,RUNNING_CPU=1.2] NETWORK=[ID=0,LEASES=1]");
  for (int round = 0; round < 1'500; ++round) {
    walk.step_once();
    if (round % 50 != 0) continue;
    ASSERT_FALSE(walk.cloud.quotas_drifted()) << "in round " << round;
  }
  EXPECT_FALSE(walk.cloud.quotas_drifted());
}

}  // namespace
}  // namespace nubo
