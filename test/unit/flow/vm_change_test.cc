// SPDX-License-Identifier: Apache-2.0
// Changes of VMs that stay where they are: each comes true when its drivers succeed, and leaves no
// trace when they fail, when an operator gives it up, or when the VM is deleted under it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

#include "flow/capacity_changes.h"
#include "flow/disk_changes.h"
#include "flow/disk_saving.h"
#include "flow/disk_snapshots.h"
#include "flow/guest_commands.h"
#include "flow/nic_changes.h"
#include "flow/pci_changes.h"
#include "flow/system_snapshots.h"
#include "flow/vm_config.h"
#include "support/cloud.h"

namespace nubo {
namespace {

using test::Cloud;

using Make = std::function<Status(Cloud&, Draft&, VmId)>;

struct Course {
  std::string name;
  const char* from;     // RUNNING, POWEROFF …
  const char* waiting;  // the state while the drivers work
  Make make;
  std::vector<Make> before = {};  // what has to be there already
};

Make attaching(const std::string& text) {
  return [text](Cloud& cloud, Draft& draft, VmId id) {
    return attach_disk(draft, {id, {}}, *parse_template(text)->vector("DISK"), cloud.settings);
  };
}

Make detaching(int disk) {
  return [disk](Cloud&, Draft& draft, VmId id) { return detach_disk(draft, {id, {}}, disk); };
}

Make growing(int disk, long long size) {
  return [=](Cloud&, Draft& draft, VmId id) { return resize_disk(draft, {id, {}}, disk, size); };
}

Make plugging(NicKind kind, const Vector& nic) {
  return [=](Cloud& cloud, Draft& draft, VmId id) {
    return attach_nic(draft, {id, {}}, kind, nic, cloud.settings);
  };
}

Make unplugging(int nic) {
  return [nic](Cloud&, Draft& draft, VmId id) { return detach_nic(draft, {id, {}}, nic); };
}

Status snapshot(Cloud& cloud, Draft& draft, VmId id) {
  NUBO_CHECK(create_snapshot(draft, {id, {}}, "s", cloud.settings));
  return ok();
}

Status snapshot_disk(Cloud&, Draft& draft, VmId id) {
  NUBO_CHECK(create_disk_snapshot(draft, {id, {}}, 0, "d"));
  return ok();
}

Status revert_disk(Cloud&, Draft& draft, VmId id) {
  return revert_disk_snapshot(draft, {.change = {id, {}}, .disk = 0, .snapshot = 0});
}

Status delete_disk(Cloud&, Draft& draft, VmId id) {
  return delete_disk_snapshot(draft, {.change = {id, {}}, .disk = 0, .snapshot = 1});
}

Status enlarge(Cloud& cloud, Draft& draft, VmId id) {
  return resize(draft, {id, {}}, {.cpu = "2", .vcpu = "2", .memory = "1024"}, cloud.settings);
}

Status save_first_disk(Cloud&, Draft& draft, VmId id) {
  Image image;
  image.name = "copy";
  image.uid = UserId{0};
  image.state = ImageState::locked;
  image.datastore_id = DatastoreId{1};
  NUBO_TRY(const ImageId made, draft.insert(std::move(image)));
  return save_disk(draft, {.change = {id, {}}, .disk = 0, .snapshot = -1, .image = made});
}

const std::string volatile_disk = "DISK=[TYPE=fs,SIZE=10,FORMAT=raw]";
const std::string image_disk = "DISK=[IMAGE_ID=0]";
const std::string kept_disk = "DISK=[IMAGE_ID=1]";
const Vector lan{{"NETWORK_ID", "0"}};
const Vector alias_on_lan{{"NETWORK_ID", "0"}, {"PARENT", "NIC0"}};

std::vector<Course> courses() {
  std::vector<Course> all;
  const auto add = [&](Course course) { all.push_back(std::move(course)); };
  add({"AttachVolatile", "RUNNING", "HOTPLUG", attaching(volatile_disk)});
  add({"AttachImage", "RUNNING", "HOTPLUG", attaching(image_disk)});
  add({"AttachKept", "POWEROFF", "HOTPLUG_PROLOG_POWEROFF", attaching(kept_disk)});
  add({"DetachKept", "RUNNING", "HOTPLUG", detaching(1), {attaching(kept_disk)}});
  add({"DetachOff", "POWEROFF", "HOTPLUG_EPILOG_POWEROFF", detaching(0)});
  add({"AttachNic", "RUNNING", "HOTPLUG_NIC", plugging(NicKind::nic, lan)});
  add({"AttachAlias", "RUNNING", "HOTPLUG_NIC", plugging(NicKind::alias, alias_on_lan)});
  add({"DetachNic", "RUNNING", "HOTPLUG_NIC", unplugging(0)});
  add({"Bandwidth", "RUNNING", "HOTPLUG_NIC", [](Cloud&, Draft& draft, VmId id) {
         return update_nic(draft, {id, {}}, 0, Vector{{"INBOUND_AVG_BW", "100"}},
                           BandwidthUpdate::append);
       }});
  add({"Snapshot", "RUNNING", "HOTPLUG_SNAPSHOT", snapshot});
  add({"RevertSnapshot",
       "RUNNING",
       "HOTPLUG_SNAPSHOT",
       [](Cloud&, Draft& draft, VmId id) {
         return revert_snapshot(draft, {id, {}}, 0);
       },
       {snapshot}});
  add({"DeleteSnapshot",
       "RUNNING",
       "HOTPLUG_SNAPSHOT",
       [](Cloud&, Draft& draft, VmId id) {
         return delete_snapshot(draft, {id, {}}, 0);
       },
       {snapshot}});
  add({"DiskSnapshot", "RUNNING", "DISK_SNAPSHOT", snapshot_disk});
  add({"DiskSnapshotOff", "POWEROFF", "DISK_SNAPSHOT_POWEROFF", snapshot_disk, {snapshot_disk}});
  add({"DiskSnapshotSuspended", "SUSPENDED", "DISK_SNAPSHOT_SUSPENDED", snapshot_disk});
  add({"RevertDisk",
       "POWEROFF",
       "DISK_SNAPSHOT_REVERT_POWEROFF",
       revert_disk,
       {snapshot_disk, snapshot_disk}});
  add({"DeleteDiskSnapshot",
       "POWEROFF",
       "DISK_SNAPSHOT_DELETE_POWEROFF",
       delete_disk,
       {snapshot_disk, snapshot_disk}});
  add({"DeleteDiskSnapshotLive",
       "RUNNING",
       "DISK_SNAPSHOT_DELETE",
       delete_disk,
       {snapshot_disk, snapshot_disk}});
  add({"GrowDisk", "RUNNING", "DISK_RESIZE", growing(0, 4096)});
  add({"GrowDiskOff", "POWEROFF", "DISK_RESIZE_POWEROFF", growing(0, 4096)});
  add({"GrowDiskUndeployed", "UNDEPLOYED", "DISK_RESIZE_UNDEPLOYED", growing(0, 4096)});
  add({"Resize", "RUNNING", "HOTPLUG_RESIZE", enlarge});
  for (const auto& [from, waiting] :
       {std::pair{"RUNNING", "HOTPLUG_SAVEAS"}, std::pair{"POWEROFF", "HOTPLUG_SAVEAS_POWEROFF"},
        std::pair{"SUSPENDED", "HOTPLUG_SAVEAS_SUSPENDED"},
        std::pair{"UNDEPLOYED", "HOTPLUG_SAVEAS_UNDEPLOYED"},
        std::pair{"STOPPED", "HOTPLUG_SAVEAS_STOPPED"}}) {
    add({std::string("SaveAs") + from, from, waiting, save_first_disk});
  }
  return all;
}

VmEvent way_to(std::string_view state) {
  if (state == "POWEROFF") return VmEvent::poweroff;
  if (state == "SUSPENDED") return VmEvent::suspend;
  return state == "STOPPED" ? VmEvent::stop : VmEvent::undeploy;
}

class Changes : public testing::TestWithParam<Course> {
 protected:
  Changes() {
    cloud.settings.hypervisor_traits["kvm"] = {.keeps_snapshots = true, .live_resize = true};
  }

  /// The VM where the course begins.
  VmId ready() {
    const VmId id = cloud.running_vm();
    if (std::string_view(GetParam().from) != "RUNNING") {
      EXPECT_TRUE(cloud.act(id, way_to(GetParam().from)));
      cloud.answer_all();
    }
    for (const Make& make : GetParam().before) {
      cloud.change([&](Draft& draft) { return make(cloud, draft, id); });
      cloud.answer_all();
    }
    EXPECT_EQ(cloud.state(id), GetParam().from);
    return id;
  }

  VmId begun() {
    const VmId id = ready();
    cloud.change([&](Draft& draft) { return GetParam().make(cloud, draft, id); });
    EXPECT_EQ(cloud.state(id), GetParam().waiting);
    return id;
  }

  /// What stands for the VM's use of everything else.
  struct Holdings {
    Template system;
    std::vector<Template> snapshots;
    HostShare share;
    std::vector<ImageState> images;
    std::size_t leases;

    bool operator==(const Holdings&) const = default;
  };

  Holdings holdings(VmId id) const {
    const Ptr<Vm> vm = cloud.vm(id);
    std::vector<Template> snapshots = vm->snapshots;
    // A number that was given once is not given again.
    for (Template& set : snapshots) set.erase("NEXT_SNAPSHOT");
    const auto network = cloud.writer->snapshot()->find<VirtualNetwork>(VirtualNetworkId{0});
    return {.system = vm->system,
            .snapshots = std::move(snapshots),
            .share = vm->current() ? cloud.host(vm->current()->host_id.value)->share : HostShare{},
            .images = {cloud.image(ImageId{0})->state, cloud.image(ImageId{1})->state},
            .leases = network->address_ranges.ranges[0].allocated.size()};
  }

  void expect_unchanged(VmId id, const Holdings& before) const {
    EXPECT_EQ(cloud.state(id), GetParam().from);
    const Holdings now = holdings(id);
    EXPECT_EQ(to_text(now.system), to_text(before.system));
    EXPECT_TRUE(now == before);
    EXPECT_TRUE(cloud.writer->snapshot()->pool<Effect>().empty());
  }

  Cloud cloud;
};

TEST_P(Changes, ComeTrue) {
  const VmId id = ready();
  const Holdings before = holdings(id);
  cloud.change([&](Draft& draft) { return GetParam().make(cloud, draft, id); });
  EXPECT_EQ(cloud.state(id), GetParam().waiting);
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), GetParam().from);
  const std::string text = to_text(cloud.vm(id)->system);
  for (const char* mark : {"ATTACH", "RESIZE", "SIZE_PREV", "HOTPLUG_SAVE_AS", "VNET_UPDATE",
                           "DISK_SNAPSHOT_ID", "ACTION"}) {
    EXPECT_EQ(text.find(mark), std::string::npos) << mark;
  }
  EXPECT_TRUE(cloud.writer->snapshot()->pool<Effect>().empty());
}

TEST_P(Changes, LeaveNoTraceWhenTheDriverFails) {
  const VmId id = ready();
  const Holdings before = holdings(id);
  cloud.change([&](Draft& draft) { return GetParam().make(cloud, draft, id); });
  cloud.answer({End::failed, "no such luck", {}});
  cloud.answer_all();
  expect_unchanged(id, before);
  EXPECT_NE(cloud.vm(id)->user.get("ERROR").find("no such luck"), std::string::npos);
}

TEST_P(Changes, LeaveNoTraceWhenAnOperatorGivesUp) {
  const VmId id = ready();
  const Holdings before = holdings(id);
  cloud.change([&](Draft& draft) { return GetParam().make(cloud, draft, id); });
  ASSERT_TRUE(cloud.act(id, VmEvent::recover_failure));
  cloud.answer_all();
  expect_unchanged(id, before);
}

TEST_P(Changes, SurviveARestartAfterEveryStep) {
  for (int answered = 0; answered < 6; ++answered) {
    const VmId id = begun();
    for (int left = answered; left > 0 && !cloud.drivers.asked.empty(); --left) {
      cloud.answer(test::good_outcome(cloud.drivers.asked.front().request));
    }
    cloud.restart();
    cloud.runner->run_stored();
    cloud.answer_all();
    EXPECT_EQ(cloud.state(id), GetParam().from) << "after " << answered << " answers";
    EXPECT_TRUE(cloud.writer->snapshot()->pool<Effect>().empty());
    cloud.change([&](Draft& draft) { return step(draft, id, VmEvent::destroy); });
    cloud.answer_all();
    cloud.change([](Draft& draft) {
      for (int copy = 2; copy < 8; ++copy) draft.erase<Image>(ImageId{copy});
      return ok();
    });
  }
}

TEST_P(Changes, GiveEverythingBackWhenTheVmIsDeleted) {
  const VmId id = begun();
  ASSERT_TRUE(cloud.act(id, VmEvent::destroy));
  cloud.answer_all();
  EXPECT_EQ(cloud.state(id), "DONE");
  for (const int host : {0, 1}) {
    EXPECT_EQ(cloud.host(host)->share.cpu_usage, 0);
    EXPECT_EQ(cloud.host(host)->share.mem_usage, 0);
  }
  EXPECT_TRUE(cloud.image(ImageId{0})->vms.empty());
  EXPECT_TRUE(cloud.image(ImageId{1})->vms.empty());
  const auto network = cloud.writer->snapshot()->find<VirtualNetwork>(VirtualNetworkId{0});
  EXPECT_TRUE(network->address_ranges.ranges[0].allocated.empty());
  EXPECT_TRUE(cloud.writer->snapshot()->pool<Effect>().empty());
}

void PrintTo(const Course& course, std::ostream* out) { *out << course.name; }

INSTANTIATE_TEST_SUITE_P(Vm, Changes, testing::ValuesIn(courses()),
                         [](const auto& each) { return each.param.name; });

TEST(VmChange, AttachClosesTheHistoryRecord) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  cloud.change([&](Draft& draft) {
    return attach_disk(draft, {id, {UserId{3}, GroupId{4}, 5}},
                       *parse_template(volatile_disk)->vector("DISK"), cloud.settings);
  });
  cloud.answer_all();
  const auto& records = cloud.vm(id)->history.list;
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].action, VmAction::disk_attach);
  EXPECT_EQ(records[0].uid, UserId{3});
  EXPECT_NE(records[0].end_time, EpochSeconds{});
  EXPECT_EQ(records[1].action, VmAction::none);
  EXPECT_EQ(records[1].end_time, EpochSeconds{});
  const Vector& disk = *cloud.vm(id)->system.vectors("DISK")[1];
  EXPECT_EQ(disk.get("DISK_ID"), "1");
  EXPECT_EQ(disk.get("TARGET"), "sdb");
  EXPECT_EQ(disk.get("DATASTORE"), "system");
}

/// A disk whose file may have been left behind must not be taken for a new one.
TEST(VmChange, AnIdOfADiskThatFailedIsNotUsedAgain) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  const auto attach = [&] {
    cloud.change([&](Draft& draft) { return attaching(volatile_disk)(cloud, draft, id); });
  };
  attach();
  cloud.answer_all([](const std::string& action) { return action == "kvm.attach_disk"; });
  EXPECT_EQ(cloud.actions.back(), "tm.run");  // takes the file away
  attach();
  cloud.answer_all();
  EXPECT_EQ(cloud.vm(id)->system.vectors("DISK")[1]->get("DISK_ID"), "2");
}

TEST(VmChange, NicOfAVmThatIsOffIsThereAtOnce) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  ASSERT_TRUE(cloud.act(id, VmEvent::poweroff));
  cloud.answer_all();
  cloud.change([&](Draft& draft) {
    return attach_nic(draft, {id, {}}, NicKind::nic, lan, cloud.settings);
  });
  EXPECT_EQ(cloud.state(id), "POWEROFF");
  EXPECT_TRUE(cloud.drivers.asked.empty());
  const Vector& nic = *cloud.vm(id)->system.vectors("NIC")[1];
  EXPECT_EQ(nic.get("IP"), "10.0.0.11");
  EXPECT_FALSE(nic.contains("ATTACH"));
  cloud.change([&](Draft& draft) { return detach_nic(draft, {id, {}}, 1); });
  EXPECT_EQ(cloud.vm(id)->system.vectors("NIC").size(), 1U);
}

TEST(VmChange, VmThatIsDoneJoinsNoSecurityGroup) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  ASSERT_TRUE(cloud.act(id, VmEvent::terminate_hard));
  cloud.answer_all();
  ASSERT_EQ(cloud.vm(id)->state, VmState::done);
  SecurityGroupId group;
  cloud.change([&](Draft& draft) -> Status {
    NUBO_TRY(group, draft.insert(SecurityGroup{}));
    return ok();
  });
  for (const auto& change : {attach_group, detach_group}) {
    const Status refused = cloud.try_change([&](Draft& draft) {
      return change(draft, {.change = {id, {}}, .nic = 0, .group = group});
    });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::action);
    EXPECT_THAT(refused.error().message, testing::EndsWith("is in wrong state DONE."));
  }
}

/// The lists of a network or security group that the only VM of the cloud is in.
template <class T>
std::string lists_of(const Cloud& cloud, decltype(T::id) id) {
  const Ptr<T> object = cloud.writer->snapshot()->find<T>(id);
  std::string lists;
  if (!object->updated_vms.empty()) lists += " updated";
  if (!object->outdated_vms.empty()) lists += " outdated";
  if (!object->updating_vms.empty()) lists += " updating";
  if (!object->error_vms.empty()) lists += " error";
  return lists;
}

struct GroupedVm {
  VmId vm;
  SecurityGroupId group;
};

/// A running VM that has not got the rules that its security group has now.
GroupedVm outdated_vm(Cloud& cloud) {
  GroupedVm made;
  cloud.change([&](Draft& draft) -> Status {
    NUBO_TRY(made.group, draft.insert(SecurityGroup{}));
    (*draft.edit<VirtualNetwork>(VirtualNetworkId{0}))->attributes.set("SECURITY_GROUPS", "0");
    return ok();
  });
  made.vm = cloud.running_vm();
  EXPECT_EQ(lists_of<SecurityGroup>(cloud, made.group), " updated");
  cloud.change([&](Draft& draft) -> Status {
    NUBO_TRY(SecurityGroup* const group, draft.edit<SecurityGroup>(made.group));
    std::swap(group->updated_vms, group->outdated_vms);
    return ok();
  });
  return made;
}

TEST(VmChange, VmMadeAnewHasTheRulesOfItsSecurityGroups) {
  Cloud cloud;
  const GroupedVm made = outdated_vm(cloud);
  ASSERT_TRUE(cloud.act(made.vm, VmEvent::recreate));
  cloud.answer_all();
  cloud.place();
  cloud.answer_all();
  ASSERT_EQ(cloud.state(made.vm), "RUNNING");
  EXPECT_EQ(lists_of<SecurityGroup>(cloud, made.group), " updated");
}

TEST(VmChange, VmWithOneMoreNicStillLacksTheRulesThatItLacked) {
  Cloud cloud;
  const GroupedVm made = outdated_vm(cloud);
  cloud.change([&](Draft& draft) {
    return attach_nic(draft, {made.vm, {}}, NicKind::nic, lan, cloud.settings);
  });
  cloud.answer_all();
  ASSERT_EQ(cloud.vm(made.vm)->system.vectors("NIC").size(), 2U);
  EXPECT_EQ(lists_of<SecurityGroup>(cloud, made.group), " outdated");
}

TEST(VmChange, VmWithOneMoreNicStillLacksTheChangeOfItsNetworkThatItLacked) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  cloud.change([](Draft& draft) -> Status {
    NUBO_TRY(VirtualNetwork* const network, draft.edit<VirtualNetwork>(VirtualNetworkId{0}));
    std::swap(network->updated_vms, network->error_vms);
    return ok();
  });
  cloud.change([&](Draft& draft) {
    return attach_nic(draft, {id, {}}, NicKind::nic, lan, cloud.settings);
  });
  cloud.answer_all();
  EXPECT_EQ(lists_of<VirtualNetwork>(cloud, VirtualNetworkId{0}), " error");
}

TEST(VmChange, PciDeviceStaysOnTheHostThatItIsOf) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  const HostId host = cloud.vm(id)->current()->host_id;
  ASSERT_TRUE(cloud.act(id, VmEvent::poweroff));
  cloud.answer_all();
  cloud.change([&](Draft& draft) -> Status {
    (*draft.edit<Host>(host))->share.pci_devices = *parse_template(
        "PCI=[ADDRESS=\"0000:01:00:0\",VENDOR=10de,DEVICE=0001,CLASS=0300,VMID=-1]");
    return attach_pci(draft, {id, {}}, {{"VENDOR", "10de"}});
  });
  EXPECT_EQ(cloud.vm(id)->system.vector("PCI")->get("ADDRESS"), "0000:01:00:0");
  EXPECT_EQ(cloud.host(host.value)->share.pci_devices.vector("PCI")->get("VMID"), "0");
  ASSERT_TRUE(cloud.act(id, VmEvent::undeploy));
  cloud.answer_all();
  ASSERT_EQ(cloud.state(id), "UNDEPLOYED");
  EXPECT_EQ(cloud.vm(id)->system.vector("PCI")->get("ADDRESS"), "");
  EXPECT_EQ(cloud.vm(id)->system.vector("PCI")->get("VENDOR"), "10de");
  EXPECT_EQ(cloud.host(host.value)->share.pci_devices.vector("PCI")->get("VMID"), "-1");
}

TEST(VmChange, DiskSnapshotsFormATree) {
  Cloud cloud;
  const VmId id = cloud.running_vm();
  ASSERT_TRUE(cloud.act(id, VmEvent::poweroff));
  cloud.answer_all();
  const auto make = [&](const Make& change) {
    cloud.change([&](Draft& draft) { return change(cloud, draft, id); });
    cloud.answer_all();
  };
  make(snapshot_disk);
  make(snapshot_disk);
  const auto parents = [&] {
    std::string text;
    for (const Vector* each : cloud.vm(id)->snapshots.at(0).vectors("SNAPSHOT")) {
      text += each->get("ID") + "<" + each->get("PARENT") + (each->yes("ACTIVE") ? "* " : " ");
    }
    return text;
  };
  EXPECT_EQ(parents(), "0<-1 1<0* ");
  EXPECT_EQ(cloud.vm(id)->system.vector("DISK")->get("DISK_SNAPSHOT_TOTAL_SIZE"), "2048");
  make(revert_disk);
  EXPECT_EQ(parents(), "0<-1* 1<0 ");
  const Status refused = cloud.try_change([&](Draft& draft) {
    return delete_disk_snapshot(draft, {.change = {id, {}}, .disk = 0, .snapshot = 0});
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "Cannot delete the active snapshot with children");
  make(delete_disk);
  EXPECT_EQ(parents(), "0<-1* ");
}

/// Whatever is attached, taken away and fails: leases, images and hosts hold what the VMs say.
TEST(VmChange, HoldingsEqualARecountAfterRandomChanges) {
  std::mt19937 random(11);
  const auto any = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  Cloud cloud;
  cloud.settings.hypervisor_traits["kvm"] = {.keeps_snapshots = false, .live_resize = true};
  const std::vector<Course> all = courses();
  const std::vector<VmEvent> events{VmEvent::poweroff,        VmEvent::resume,
                                    VmEvent::suspend,         VmEvent::undeploy,
                                    VmEvent::recover_failure, VmEvent::recover_success,
                                    VmEvent::terminate_hard,  VmEvent::recreate};
  std::vector<VmId> vms;
  for (int round = 0; round < 800; ++round) {
    if (vms.size() < 2) vms.push_back(cloud.make_vm());
    const VmId id = vms[any(vms.size())];
    if (any(3) == 0) cloud.place();
    if (any(6) == 0) (void)cloud.act(id, events[any(events.size())]);
    (void)cloud.try_change(
        [&](Draft& draft) { return all[any(all.size())].make(cloud, draft, id); });
    for (std::size_t left = any(6); left > 0 && !cloud.drivers.asked.empty(); --left) {
      const bool good = any(5) != 0;
      cloud.answer(good ? test::good_outcome(cloud.drivers.asked.front().request)
                        : Outcome{End::failed, "no", {}});
    }
    std::erase_if(vms, [&](VmId each) { return cloud.vm(each)->state == VmState::done; });
  }
  std::size_t leases = 0;
  std::set<VmId> users[2];
  for (const VmId id : vms) {
    for (const char* kind : {"NIC", "NIC_ALIAS"}) {
      leases += cloud.vm(id)->system.vectors(kind).size();
    }
    for (const Vector* disk : cloud.vm(id)->system.vectors("DISK")) {
      const auto image = disk->number<int>("IMAGE_ID");
      if (image && *image < 2) users[*image].insert(id);
    }
  }
  const auto network = cloud.writer->snapshot()->find<VirtualNetwork>(VirtualNetworkId{0});
  EXPECT_EQ(network->address_ranges.ranges[0].allocated.size(), leases);
  for (const int image : {0, 1}) EXPECT_EQ(cloud.image(ImageId{image})->vms, users[image]);
  for (const int host_id : {0, 1}) {
    const Ptr<Host> host = cloud.host(host_id);
    Capacity sum;
    for (const VmId id : host->vms) {
      sum.cpu += capacity_of(*cloud.vm(id)).cpu;
      sum.memory += capacity_of(*cloud.vm(id)).memory;
    }
    EXPECT_EQ(host->share.cpu_usage, sum.cpu);
    EXPECT_EQ(host->share.mem_usage, sum.memory);
  }
}

}  // namespace
}  // namespace nubo
