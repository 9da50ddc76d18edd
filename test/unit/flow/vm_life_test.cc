// SPDX-License-Identifier: Apache-2.0
// Lives of VMs from the template to the end, with drivers that answer as the test says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "flow/capacity.h"
#include "flow/vm_place.h"
#include "support/cloud.h"

namespace nubo {
namespace {

using test::Cloud;

const VirtualNetwork& network(const Cloud& cloud) {
  static Ptr<VirtualNetwork> held;
  held = cloud.writer->snapshot()->find<VirtualNetwork>(VirtualNetworkId{0});
  return *held;
}

void expect_nothing_held(const Cloud& cloud) {
  for (const int id : {0, 1}) {
    EXPECT_EQ(cloud.host(id)->share.cpu_usage, 0);
    EXPECT_EQ(cloud.host(id)->share.mem_usage, 0);
    EXPECT_EQ(cloud.host(id)->share.running_vms, 0);
    EXPECT_TRUE(cloud.host(id)->vms.empty());
    EXPECT_EQ(cloud.image(ImageId{id})->state, ImageState::ready);
    EXPECT_TRUE(cloud.image(ImageId{id})->vms.empty());
  }
  EXPECT_TRUE(network(cloud).address_ranges.ranges[0].allocated.empty());
  EXPECT_TRUE(network(cloud).updated_vms.empty());
  EXPECT_TRUE(cloud.writer->snapshot()->pool<Effect>().empty());
}

TEST(VmLife, TemplateBecomesPendingVmWithLeaseAndDisk) {
  Cloud cloud;
  const VmId id = cloud.make_vm();
  const Ptr<Vm> vm = cloud.vm(id);
  EXPECT_EQ(cloud.state(id), "PENDING");
  EXPECT_EQ(vm->name, "vm");
  const Vector& nic = *vm->system.vector("NIC");
  EXPECT_EQ(nic.get("IP"), "10.0.0.10");
  EXPECT_EQ(nic.get("MAC"), "02:00:0a:00:00:0a");
  EXPECT_EQ(nic.get("TARGET"), "one-0-0");
  EXPECT_EQ(nic.get("BRIDGE"), "br0");
  const Vector& disk = *vm->system.vector("DISK");
  EXPECT_EQ(disk.get("SOURCE"), "/ds/1/base");
  EXPECT_EQ(disk.get("CLONE"), "YES");
  EXPECT_EQ(disk.get("SAVE"), "NO");
  EXPECT_EQ(disk.get("TARGET"), "sda");
  EXPECT_EQ(cloud.image(ImageId{0})->state, ImageState::used);
  EXPECT_EQ(vm->system.get("AUTOMATIC_REQUIREMENTS"), "(CLUSTER_ID = 0) & !(PIN_POLICY = PINNED)");
}

TEST(VmLife, NicWithoutAMacOfItsRangeGetsOneOfItsOwn) {
  Cloud cloud;
  cloud.settings.mac_prefix = "02:aa";
  cloud.change([](Draft& draft) -> Status {
    NUBO_TRY(VirtualNetwork* const lan, draft.edit<VirtualNetwork>(VirtualNetworkId{0}));
    lan->address_ranges.ranges[0].attributes.set("SHARED", "YES");
    return ok();
  });
  const VmId id = cloud.make_vm(
      "NAME=vm CPU=1 MEMORY=64 NIC=[NETWORK_ID=0,IP=\"10.0.0.11\"] "
      "NIC=[NETWORK_ID=0,IP=\"10.0.0.11\"] NIC=[NETWORK_ID=0,FLOATING_ONLY=YES]");
  std::set<std::string> macs;
  std::vector<std::string> addresses;
  for (const Vector* nic : cloud.vm(id)->system.vectors("NIC")) {
    EXPECT_TRUE(nic->get("MAC").starts_with("02:aa:")) << nic->get("MAC");
    macs.insert(nic->get("MAC"));
    addresses.push_back(nic->get("IP"));
  }
  EXPECT_EQ(macs.size(), 3U);
  EXPECT_EQ(addresses, (std::vector<std::string>{"10.0.0.11", "10.0.0.11", ""}));
  ASSERT_TRUE(cloud.act(id, VmEvent::terminate_hard));
  EXPECT_TRUE(network(cloud).address_ranges.ranges[0].allocated.empty());
}

TEST(VmLife, RefusedTemplateLeavesNoTrace) {
  Cloud cloud;
  const Status status = cloud.try_change([&](Draft& draft) -> Status {
    NUBO_TRY(Template attributes,
             parse_template("CPU=1 MEMORY=64 DISK=[IMAGE_ID=0] NIC=[NETWORK_ID=7]"));
    Owned owner;
    owner.uid = UserId{0};
    NUBO_CHECK(
        create_vm(draft, {.owner = owner, .attributes = std::move(attributes)}, cloud.settings));
    return ok();
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "Virtual network with ID: 7 does not exist");
  expect_nothing_held(cloud);
}

TEST(VmLife, PlacedVmRunsAndIsCharged) {
  Cloud cloud;
  const VmId id = cloud.make_vm();
  EXPECT_EQ(cloud.place(), 1U);
  EXPECT_EQ(cloud.state(id), "PROLOG");
  const HostId host = cloud.vm(id)->current()->host_id;
  EXPECT_EQ(cloud.host(host.value)->share.cpu_usage, 100);
  EXPECT_EQ(cloud.host(host.value)->share.mem_usage, 512 * 1024);
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "RUNNING");
  EXPECT_EQ(cloud.vm(id)->deploy_id, "domain-0");
  const std::vector<std::string> expected{"tm.run", "vnm.pre", "kvm.deploy", "vnm.post"};
  EXPECT_EQ(cloud.actions, expected);
}

TEST(VmLife, TerminateLeavesNothing) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  ASSERT_TRUE(cloud.act(id, VmEvent::terminate));
  EXPECT_EQ(cloud.state(id), "SHUTDOWN");
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "DONE");
  expect_nothing_held(cloud);
}

TEST(VmLife, NodeIsCleanedUpAfterAVmThatWasDeleted) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  cloud.actions.clear();
  ASSERT_TRUE(cloud.act(id, VmEvent::destroy));
  EXPECT_EQ(cloud.state(id), "DONE");
  cloud.restart();
  cloud.runner->run_stored();
  cloud.answer_all();
  EXPECT_THAT(cloud.actions, testing::Contains("kvm.cancel"));
  EXPECT_THAT(cloud.actions, testing::Contains("tm.run"));
}

TEST(VmLife, BootThatFailsIsUndoneAndCanBeRetried) {
  Cloud cloud;
  const VmId id = cloud.make_vm();
  cloud.place();
  cloud.answer_all([](const std::string& action) { return action == "kvm.deploy"; });
  EXPECT_EQ(cloud.state(id), "BOOT_FAILURE");
  EXPECT_EQ(cloud.actions.back(), "vnm.clean");
  EXPECT_NE(cloud.vm(id)->user.get("ERROR").find("DEPLOY: no such luck"), std::string::npos);
  ASSERT_TRUE(cloud.act(id, VmEvent::retry));
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "RUNNING");
}

TEST(VmLife, ProgramThatDiedIsAskedAgain) {
  Cloud cloud;
  const VmId id = cloud.make_vm();
  cloud.place();
  cloud.answer({End::driver_died, "the program ended", {}});
  EXPECT_EQ(cloud.state(id), "PROLOG");
  cloud.timers.advance(std::chrono::minutes{1});
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "RUNNING");
}

TEST(VmLife, ProgramThatIsTooBusyIsAskedAgainUntilItIsNot) {
  Cloud cloud;
  const VmId id = cloud.make_vm();
  cloud.place();
  for (int i = 0; i < 20; ++i) {
    cloud.answer({End::too_busy, "many requests wait", {}});
    EXPECT_EQ(cloud.state(id), "PROLOG");
    cloud.timers.advance(std::chrono::minutes{1});
  }
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "RUNNING");
}

TEST(VmLife, ShutdownThatTakesTooLongGivesWayToHardOne) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  ASSERT_TRUE(cloud.act(id, VmEvent::terminate));
  ASSERT_EQ(cloud.drivers.asked.front().request.action, "shutdown");
  ASSERT_TRUE(cloud.act(id, VmEvent::terminate_hard));
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "DONE");
  expect_nothing_held(cloud);
}

TEST(VmLife, LiveMigrationMovesTheCharge) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  const int from = cloud.vm(id)->current()->host_id.value;
  const int to = 1 - from;
  cloud.change([&](Draft& draft) {
    return migrate(draft, {.vm = id, .host = HostId{to}, .live = true}, cloud.settings);
  });
  EXPECT_EQ(cloud.state(id), "MIGRATE");
  EXPECT_EQ(cloud.host(from)->share.running_vms, 1);
  EXPECT_EQ(cloud.host(to)->share.running_vms, 1);
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "RUNNING");
  EXPECT_EQ(cloud.vm(id)->current()->host_id, HostId{to});
  EXPECT_EQ(cloud.host(from)->share.running_vms, 0);
  EXPECT_EQ(cloud.host(to)->share.cpu_usage, 100);
}

TEST(VmLife, LiveMigrationThatFailsStaysWhereItWas) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  const int from = cloud.vm(id)->current()->host_id.value;
  cloud.change([&](Draft& draft) {
    return migrate(draft, {.vm = id, .host = HostId{1 - from}, .live = true}, cloud.settings);
  });
  cloud.answer_all([](const std::string& action) { return action == "kvm.migrate"; });
  EXPECT_EQ(cloud.state(id), "RUNNING");
  EXPECT_EQ(cloud.vm(id)->current()->host_id, HostId{from});
  EXPECT_EQ(cloud.host(1 - from)->share.cpu_usage, 0);
  EXPECT_EQ(cloud.host(from)->share.cpu_usage, 100);
}

TEST(VmLife, ImageThatIsNotReadyHoldsTheVmBack) {
  Cloud cloud;
  cloud.change([](Draft& draft) -> Status {
    NUBO_TRY(Image* const image, draft.edit<Image>(ImageId{0}));
    image->state = ImageState::locked;
    image->source.clear();
    NUBO_CHECK(draft.emit({.subject = "image", .object = 0, .operation = "ds.cp"}));
    return ok();
  });
  const VmId id = cloud.make_vm();
  EXPECT_EQ(cloud.state(id), "CLONING");
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "PENDING");
  EXPECT_EQ(cloud.vm(id)->system.vector("DISK")->get("SOURCE"), "/ds/1/new");
}

struct Course {
  const char* name;
  std::vector<VmEvent> events;
  const char* end;
};

class Courses : public testing::TestWithParam<Course> {};

TEST_P(Courses, EndWhereTheyShould) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  for (const VmEvent event : GetParam().events) {
    const Status status = cloud.act(id, event);
    ASSERT_TRUE(status) << name_of(event) << ": " << status.error().message;
    cloud.answer_all();
    cloud.place();
    cloud.answer_all();
  }
  EXPECT_EQ(cloud.state(id), GetParam().end);
  EXPECT_TRUE(cloud.writer->snapshot()->pool<Effect>().empty());
}

INSTANTIATE_TEST_SUITE_P(
    VmLife, Courses,
    testing::Values(Course{"Poweroff", {VmEvent::poweroff}, "POWEROFF"},
                    Course{"PoweroffResume", {VmEvent::poweroff_hard, VmEvent::resume}, "RUNNING"},
                    Course{"Suspend", {VmEvent::suspend}, "SUSPENDED"},
                    Course{"SuspendResume", {VmEvent::suspend, VmEvent::resume}, "RUNNING"},
                    Course{"Stop", {VmEvent::stop}, "STOPPED"},
                    Course{"StopResume", {VmEvent::stop, VmEvent::resume}, "RUNNING"},
                    Course{"SuspendStop", {VmEvent::suspend, VmEvent::stop}, "STOPPED"},
                    Course{"Undeploy", {VmEvent::undeploy}, "UNDEPLOYED"},
                    Course{"UndeployResume", {VmEvent::undeploy_hard, VmEvent::resume}, "RUNNING"},
                    Course{"Reboot", {VmEvent::reboot, VmEvent::reboot_hard}, "RUNNING"},
                    Course{"TerminateStopped", {VmEvent::stop, VmEvent::terminate}, "DONE"},
                    Course{"Recreate", {VmEvent::recreate}, "RUNNING"},
                    Course{"Destroy", {VmEvent::destroy}, "DONE"}),
    [](const auto& each) { return each.param.name; });

/// kill -9 after any number of answered requests: what was meant is reached all the same.
TEST_P(Courses, SurviveARestartAfterEveryStep) {
  for (int answered = 0; answered < 6; ++answered) {
    Cloud cloud;
    const VmId id = cloud.running_vm();
    const auto die_and_go_on = [&] {
      for (int left = answered; left > 0 && !cloud.drivers.asked.empty(); --left) {
        cloud.answer(test::good_outcome(cloud.drivers.asked.front().request));
      }
      cloud.restart();
      cloud.runner->run_stored();
      cloud.answer_all();
    };
    for (const VmEvent event : GetParam().events) {
      ASSERT_TRUE(cloud.act(id, event));
      die_and_go_on();
      cloud.place();
      die_and_go_on();
    }
    EXPECT_EQ(cloud.state(id), GetParam().end) << "after " << answered << " answers";
    EXPECT_TRUE(cloud.writer->snapshot()->pool<Effect>().empty());
  }
}

/// Whatever users, drivers and nodes do: what hosts are charged is what their VMs take.
TEST(VmLife, ChargesEqualARecountAfterRandomEvents) {
  std::mt19937 random(7);
  const auto any = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  Cloud cloud;
  std::vector<VmId> vms;
  for (int round = 0; round < 1'500; ++round) {
    if (vms.size() < 4) vms.push_back(cloud.make_vm("CPU=1 MEMORY=256 DISK=[IMAGE_ID=0]"));
    const VmId id = vms[static_cast<std::size_t>(any(static_cast<int>(vms.size())))];
    const auto event = static_cast<VmEvent>(any(static_cast<int>(VmEvent::images_ready)));
    switch (any(4)) {
      case 0:
        cloud.place();
        break;
      case 1:
        (void)cloud.try_change([&](Draft& draft) {
          return migrate(draft, {.vm = id, .host = HostId{any(2)}, .live = any(2) == 0},
                         cloud.settings);
        });
        break;
      case 2: {
        const bool deploys = event >= VmEvent::deploy && event <= VmEvent::migrate_poweroff_hard;
        const bool answers =
            event >= VmEvent::succeeded && event <= VmEvent::moved_without_checkpoint;
        if (!deploys && !answers) (void)cloud.act(id, event);
        break;
      }
      default:
        if (!cloud.drivers.asked.empty()) {
          const bool good = any(4) != 0;
          cloud.answer(good ? test::good_outcome(cloud.drivers.asked.front().request)
                            : Outcome{End::failed, "no", {}});
        }
    }
    std::erase_if(vms, [&](VmId each) { return cloud.vm(each)->state == VmState::done; });
  }
  for (const int host_id : {0, 1}) {
    const Ptr<Host> host = cloud.host(host_id);
    long long cpu = 0;
    for (const VmId id : host->vms) cpu += capacity_of(*cloud.vm(id)).cpu;
    EXPECT_EQ(host->share.cpu_usage, cpu);
    EXPECT_EQ(host->share.running_vms, static_cast<int>(host->vms.size()));
    for (const VmId id : host->vms) {
      EXPECT_NE(cloud.vm(id)->state, VmState::done);
      EXPECT_NE(cloud.vm(id)->state, VmState::pending);
    }
  }
  for (const VmId id : vms) EXPECT_TRUE(cloud.image(ImageId{0})->vms.contains(id));
}

}  // namespace
}  // namespace nubo
