// SPDX-License-Identifier: Apache-2.0
// Quotas through the calls: limits, defaults, refusals; and that after whatever calls by whomever
// all that is counted equals a recount.
#include <gmock/gmock.h>

#include <random>

#include "flow/vm_outcome.h"
#include "model/leases.h"
#include "model/vm_machine.h"
#include "unit/api/api_fixture.h"

namespace nubo {
namespace {

using api::Value;
using ::testing::HasSubstr;

class QuotaCallTest : public test::ApiTest {
 protected:
  QuotaCallTest() {
    change([](Draft& draft) -> Status {
      Datastore* images = *draft.edit<Datastore>(DatastoreId{1});
      images->free_mb = images->total_mb = 1'000'000'000;
      images->ds_mad = images->tm_mad = "dummy";
      images->attributes.set("CLONE_TARGET", "SELF");
      images->attributes.set("LN_TARGET", "NONE");
      (*draft.edit<Datastore>(DatastoreId{0}))->tm_mad = "dummy";
      return ok();
    });
    ann = new_user("ann");
  }

  void change(const std::function<Status(Draft&)>& work) {
    const Status status = writer->apply_now(Change("test", work));
    ASSERT_TRUE(status) << status.error().message;
  }

  api::Reply as_ann(const std::string& method, std::vector<Value> params) {
    session = "ann:pw";
    api::Reply reply = call(method, std::move(params));
    session = "oneadmin:pw";
    return reply;
  }

  Ptr<User> user(int id) const { return writer->snapshot()->find<User>(UserId{id}); }

  /// The end of a driver operation; dropped when its object has no use for it any more.
  void finish(EffectId id, bool good) {
    const Effect effect = *writer->snapshot()->find<Effect>(id);
    const Status taken = writer->apply_now(Change("effect.end", [&](Draft& draft) -> Status {
      draft.erase<Effect>(id);
      OperationOutcome outcome{.good = good, .error = "no such luck", .data = {}};
      if (good) outcome.data["source"] = "/ds/x";
      return effect.subject == "vm" ? finish_vm_operation(draft, effect, outcome)
                                    : finish_image_operation(draft, effect, outcome);
    }));
    if (taken) return;
    change([&](Draft& draft) -> Status {
      draft.erase<Effect>(id);
      return ok();
    });
  }

  std::vector<EffectId> open_effects() const {
    std::vector<EffectId> ids;
    writer->snapshot()->pool<Effect>().for_each(
        [&](const Entry<Effect>& entry) { ids.push_back(entry.object.id); });
    return ids;
  }

  int ann = -1;
};

TEST_F(QuotaCallTest, ShowsLimitsAndUsageInTheUser) {
  EXPECT_EQ(id_of(call("one.user.quota", {ann, "VM=[VMS=2,CPU=1.5]"})), ann);
  EXPECT_GE(id_of(as_ann("one.vm.allocate", {"CPU=0.5\nMEMORY=64"})), 0);
  const std::string document = text_of(call("one.user.info", {ann}));
  EXPECT_THAT(document, HasSubstr("<VM_QUOTA><VM><CPU><![CDATA[1.50]]></CPU>"
                                  "<CPU_USED><![CDATA[0.50]]></CPU_USED>"));
  EXPECT_THAT(document, HasSubstr("<VMS_USED><![CDATA[1]]></VMS_USED></VM></VM_QUOTA>"));
  EXPECT_THAT(text_of(call("one.userpool.info")),
              HasSubstr("<QUOTAS><ID>2</ID><DATASTORE_QUOTA></DATASTORE_QUOTA>"));
  EXPECT_THAT(text_of(call("one.group.info", {1})),
              HasSubstr("<RUNNING_VMS_USED><![CDATA[1]]></RUNNING_VMS_USED>"));
}

TEST_F(QuotaCallTest, RefusesWhatDoesNotFitAndLeavesNothing) {
  call("one.user.quota", {ann, "VM=[VMS=1] DATASTORE=[ID=1,SIZE=100]"});
  EXPECT_GE(id_of(as_ann("one.vm.allocate", {"CPU=1\nMEMORY=64"})), 0);
  const api::Reply refused = as_ann("one.vm.allocate", {"CPU=1\nMEMORY=64"});
  EXPECT_EQ(code_of(refused), Code::authorization);
  EXPECT_EQ(text_of(refused),
            "[one.vm.allocate] User [2] : user [2] limit of 1 reached for VMS quota in VM.");
  EXPECT_EQ(text_of(as_ann("one.image.allocate", {"NAME=i\nTYPE=DATABLOCK\nSIZE=101", 1})),
            "[one.image.allocate] User [2] : user [2] limit of 100 reached for SIZE quota in "
            "DATASTORE with ID: 1.");
  EXPECT_EQ(writer->snapshot()->pool<Image>().size(), 0U);
  EXPECT_EQ(writer->snapshot()->pool<Vm>().size(), 1U);
}

TEST_F(QuotaCallTest, TestsTheUserBeforeTheGroup) {
  call("one.group.quota", {1, "VM=[CPU=1]"});
  EXPECT_EQ(text_of(as_ann("one.vm.allocate", {"CPU=2\nMEMORY=64"})),
            "[one.vm.allocate] User [2] : group [1] limit of 1 reached for CPU quota in VM.");
  EXPECT_TRUE(user(ann)->quotas.vm.entries.empty());
  call("one.user.quota", {ann, "VM=[CPU=1]"});
  EXPECT_THAT(text_of(as_ann("one.vm.allocate", {"CPU=2\nMEMORY=64"})), HasSubstr("user [2]"));
}

TEST_F(QuotaCallTest, DefaultsHoldWhereNothingElseIsSaid) {
  EXPECT_THAT(text_of(call("one.userquota.update", {"VM=[VMS=0]"})),
              HasSubstr("<VMS><![CDATA[0]]></VMS>"));
  EXPECT_EQ(code_of(as_ann("one.vm.allocate", {"CPU=1\nMEMORY=64"})), Code::authorization);
  call("one.user.quota", {ann, "VM=[VMS=-2]"});
  EXPECT_GE(id_of(as_ann("one.vm.allocate", {"CPU=1\nMEMORY=64"})), 0);
  EXPECT_THAT(text_of(as_ann("one.userquota.info", {})), HasSubstr("<VMS><![CDATA[0]]></VMS>"));
  EXPECT_EQ(text_of(as_ann("one.groupquota.update", {"VM=[VMS=1]"})),
            "[one.groupquota.update] User [2] : The default quotas can only be updated by users in "
            "the oneadmin group.");
}

TEST_F(QuotaCallTest, ACallOnWhatIsNotThereOrNotAllowedIsRefused) {
  EXPECT_EQ(text_of(call("one.user.quota", {0, "VM=[VMS=1]"})),
            "[one.user.quota] Cannot set quotas for oneadmin user");
  EXPECT_EQ(code_of(call("one.user.quota", {99, ""})), Code::no_exists);
  EXPECT_EQ(text_of(call("one.group.quota", {99, ""})),
            "[one.group.quota] User [0] not authorized to perform action on group.");
  EXPECT_EQ(code_of(as_ann("one.user.quota", {ann, "VM=[VMS=1]"})), Code::authorization);
  EXPECT_EQ(code_of(call("one.user.quota", {ann, "VM=["})), Code::action);
  EXPECT_EQ(text_of(call("one.group.quota", {1, "VM=[VMS=-5]"})),
            "[one.group.quota] Negative limits or bad format in quota VM = [ GID=1,VMS=-5 ]");
  EXPECT_EQ(code_of(call("one.user.quota", {ann, "VM=[CLUSTER_IDS=\"77\",VMS=1]"})), Code::action);
}

TEST_F(QuotaCallTest, AClusterEntryCountsWhatIsThereAlready) {
  const int host = id_of(call("one.host.allocate", {"node", "dummy", "dummy", -1}));
  const int vm = id_of(as_ann("one.vm.allocate", {"CPU=1\nMEMORY=64"}));
  EXPECT_EQ(id_of(call("one.vm.deploy", {vm, host, false, 0})), vm);
  call("one.user.quota", {ann, "VM=[CLUSTER_IDS=\"0\",VMS=5]"});
  EXPECT_EQ(user(ann)->quotas.vm.entries.at(1).gauges.at("VMS").used, one_unit);
  const int cluster = id_of(call("one.cluster.allocate", {"second"}));
  call("one.cluster.addhost", {cluster, host});
  EXPECT_EQ(user(ann)->quotas.vm.entries.at(1).gauges.at("VMS").used, 0);
}

TEST_F(QuotaCallTest, ChownMovesTheChargeOrIsRefused) {
  const int bob = new_user("bob");
  const int vm = id_of(as_ann("one.vm.allocate", {"CPU=1\nMEMORY=64"}));
  call("one.user.quota", {bob, "VM=[VMS=0]"});
  const api::Reply refused = call("one.vm.chown", {vm, bob, -1});
  EXPECT_EQ(code_of(refused), Code::authorization);
  EXPECT_THAT(text_of(refused), HasSubstr("user [3] limit of 0 reached for VMS quota"));
  EXPECT_EQ(user(ann)->quotas.vm.entries.size(), 1U);
  call("one.user.quota", {bob, "VM=[VMS=1]"});
  EXPECT_EQ(id_of(call("one.vm.chown", {vm, bob, -1})), vm);
  EXPECT_TRUE(user(ann)->quotas.vm.entries.empty());
  EXPECT_EQ(user(bob)->quotas.vm.entries.at(0).gauges.at("VMS").used, one_unit);
}

TEST_F(QuotaCallTest, FloatingAddressesOfARouterAreItsOwners) {
  const int network = id_of(call("one.vn.allocate", {"NAME=n\nVN_MAD=dummy\nBRIDGE=b\n"
                                                     "AR=[TYPE=IP4,IP=10.0.0.1,SIZE=9]",
                                                     -1}));
  const std::string nic = "NIC=[NETWORK_ID=" + std::to_string(network) + ",FLOATING_IP=YES]";
  const int router = id_of(call("one.vrouter.allocate", {"NAME=r\n" + nic}));
  EXPECT_TRUE(user(ann)->quotas.network.entries.empty());
  id_of(call("one.vrouter.chown", {router, ann, -1}));
  EXPECT_EQ(user(ann)->quotas.network.entries.at(0).gauges.at("LEASES").used, one_unit);
  call("one.user.quota", {ann, "NETWORK=[ID=" + std::to_string(network) + ",LEASES=1]"});
  const api::Reply refused = call("one.vrouter.attachnic", {router, nic});
  EXPECT_THAT(text_of(refused), HasSubstr("limit of 1 reached for LEASES quota in NETWORK"));
  id_of(call("one.vrouter.delete", {router}));
  EXPECT_EQ(user(ann)->quotas.network.entries.at(0).gauges.at("LEASES").used, 0);
}

TEST_F(QuotaCallTest, APersistentDiskGrowsOnlyAsItsImagesOwnerMay) {
  const int image = id_of(as_ann("one.image.allocate", {"NAME=i\nSIZE=10\nPERSISTENT=YES", 1}));
  for (const EffectId id : open_effects()) finish(id, true);
  const int host = id_of(call("one.host.allocate", {"node", "dummy", "dummy", -1}));
  const int vm = id_of(as_ann("one.vm.allocate", {"CPU=1\nMEMORY=64\nDISK=[IMAGE_ID=" +
                                                  std::to_string(image) + "]"}));
  id_of(call("one.vm.deploy", {vm, host, false, 0}));
  change([vm](Draft& draft) -> Status {
    (*draft.edit<Vm>(VmId{vm}))->set_states({VmState::poweroff, LcmState::lcm_init});
    return ok();
  });
  id_of(call("one.user.quota", {ann, "DATASTORE=[ID=1,SIZE=15]"}));
  const api::Reply refused = as_ann("one.vm.diskresize", {vm, 0, "16"});
  EXPECT_EQ(code_of(refused), Code::authorization);
  EXPECT_THAT(text_of(refused), HasSubstr("limit of 15 reached for SIZE quota in DATASTORE"));
  EXPECT_THAT(text_of(as_ann("one.vm.disksnapshotcreate", {vm, 0, "s"})),
              HasSubstr("limit of 15 reached for SIZE quota"));
  EXPECT_EQ(id_of(as_ann("one.vm.diskresize", {vm, 0, "15"})), vm);
}

// --- whatever is called -------------------------------------------------------------------------

class CountersTest : public QuotaCallTest {
 protected:
  CountersTest() {
    hosts.push_back(id_of(call("one.host.allocate", {"node1", "dummy", "dummy", -1})));
    hosts.push_back(id_of(call("one.host.allocate", {"node2", "dummy", "dummy", -1})));
    const int cluster = id_of(call("one.cluster.allocate", {"second"}));
    call("one.cluster.addhost", {cluster, hosts[1]});
    call("one.cluster.adddatastore", {cluster, 0});
    call("one.cluster.adddatastore", {cluster, 1});
    const int staff = id_of(call("one.group.allocate", {"staff"}));
    call("one.user.allocate", {"bob", "pw", "", api::Array{Value(staff)}});
    call("one.acl.addrule", {"400000000", "17d52d400000000", "f"});  // anybody may do anything
    for (const char* name : {"n1", "n2"}) {
      const int id = id_of(call(
          "one.vn.allocate",
          {fmt::format("NAME={}\nVN_MAD=dummy\nBRIDGE=b\nAR=[TYPE=IP4,IP=10.0.0.1,SIZE=50]", name),
           0}));
      call("one.cluster.addvnet", {cluster, id});
    }
    call("one.user.quota", {ann, "VM=[CLUSTER_IDS=\"100\",VMS=20] VM=[VMS=6,RUNNING_CPU=3]"});
    call("one.group.quota", {staff, "VM=[CLUSTER_IDS=\"0\",CPU=4] NETWORK=[ID=0,LEASES=3]"});
  }

  int any(int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); }

  template <class T>
  int any_object() {
    std::vector<int> ids;
    writer->snapshot()->pool<T>().for_each([&](const Entry<T>& entry) {
      if constexpr (std::is_same_v<T, Vm>) {
        if (entry.object.state == VmState::done) return;
      }
      ids.push_back(entry.object.id.value);
    });
    return ids.empty() ? 0 : ids[static_cast<std::size_t>(any(static_cast<int>(ids.size())))];
  }

  std::string vm_template() {
    std::string text = fmt::format("CPU=0.{}\nMEMORY={}\n", 1 + any(9), 64 + any(64));
    for (int disks = any(3); disks > 0; --disks) {
      text += any(2) == 0 ? std::string("DISK=[TYPE=fs,SIZE=33]\n")
                          : fmt::format("DISK=[IMAGE_ID={}]\n", any_object<Image>());
    }
    for (int nics = any(3); nics > 0; --nics) {
      text += fmt::format("NIC=[NETWORK_ID={}]\n", any_object<VirtualNetwork>());
    }
    return text;
  }

  void call_any() {
    constexpr const char* sessions[]{"oneadmin:pw", "ann:pw", "bob:pw"};
    session = sessions[any(3)];
    const int vm = any_object<Vm>();
    const int image = any_object<Image>();
    const int host = hosts[static_cast<std::size_t>(any(2))];
    const auto owner = [&] { return any(4) - 1; };
    const auto group = [&] { return any(2) == 0 ? -1 : 99 + any(2); };
    switch (any(22)) {
      case 0:
      case 1:
      case 2:
        call("one.vm.allocate", {vm_template(), any(5) == 0});
        break;
      case 3:
        call("one.image.allocate", {fmt::format("NAME=i{}\nTYPE=DATABLOCK\nPERSISTENT={}\nSIZE={}",
                                                ++names, any(2) == 0 ? "YES" : "NO", 1 + any(90)),
                                    1});
        break;
      case 4:
        call("one.image.clone", {image, fmt::format("i{}", ++names)});
        break;
      case 5:
        if (any(4) == 0) call("one.image.delete", {image, any(2) == 0});
        break;
      case 6:
        call("one.image.chown", {image, owner(), group()});
        break;
      case 7:
        call("one.vm.chown", {vm, owner(), group()});
        break;
      case 8:
      case 9:
        call("one.vm.deploy", {vm, host, false, 0});
        break;
      case 10:
        call("one.vm.migrate", {vm, host, any(2) == 0, false});
        break;
      case 11:
        call("one.vm.recover", {vm, any(6)});
        break;
      case 12:
        call("one.cluster.addhost", {any(2) * 100, host});
        break;
      case 13:
        call("one.user.quota", {ann, fmt::format("VM=[CLUSTER_IDS=\"100\",VMS={}] "
                                                 "DATASTORE=[ID=1,SIZE={}]",
                                                 any(5) - 2, any(300))});
        break;
      case 14:
        call("one.vn.reserve",
             {any_object<VirtualNetwork>(), fmt::format("NAME=r{}\nSIZE=2", ++names)});
        break;
      case 15:
        call("one.vm.resize",
             {vm, fmt::format("CPU={}\nMEMORY={}", 1 + any(3), 64 + any(64)), false});
        break;
      case 16:
        call("one.vm.diskresize", {vm, any(2), std::to_string(30 + any(100))});
        break;
      case 17:
        if (any(2) == 0) call("one.vm.attach", {vm, "DISK=[TYPE=fs,SIZE=12]"});
        call("one.vm.attachnic",
             {vm, fmt::format("NIC=[NETWORK_ID={}]", any_object<VirtualNetwork>())});
        break;
      case 18:
        if (any(2) == 0) call("one.vm.detach", {vm, any(2)});
        call("one.vm.detachnic", {vm, any(2)});
        break;
      case 19:
        call("one.vm.disksnapshotcreate", {vm, any(2), "s"});
        call("one.vm.snapshotcreate", {vm, "s"});
        break;
      default: {
        constexpr const char* actions[]{"terminate", "terminate-hard", "poweroff", "poweroff-hard",
                                        "suspend",   "resume",         "stop",     "undeploy",
                                        "hold",      "release",        "resume",   "reboot"};
        call("one.vm.action", {actions[any(12)], vm});
      }
    }
    session = "oneadmin:pw";
  }

  void expect_quotas_hold() {
    const SnapshotPtr before = writer->snapshot();
    change([](Draft& draft) -> Status {
      draft.recount_quotas();
      return ok();
    });
    const auto shown = [](const auto& quotas) { return to_xml("QUOTAS", quotas, Form::shown); };
    before->pool<User>().for_each([&](const Entry<User>& entry) {
      const auto now = writer->snapshot()->find<User>(entry.object.id);
      EXPECT_EQ(shown(entry.object.quotas), shown(now->quotas)) << entry.object.name;
    });
    before->pool<Group>().for_each([&](const Entry<Group>& entry) {
      const auto now = writer->snapshot()->find<Group>(entry.object.id);
      EXPECT_EQ(shown(entry.object.quotas), shown(now->quotas)) << entry.object.name;
    });
  }

  void expect_hosts_hold() {
    const SnapshotPtr state = writer->snapshot();
    for (const int id : hosts) {
      const auto host = state->find<Host>(HostId{id});
      Capacity sum;
      for (const VmId vm : host->vms) {
        sum.cpu += capacity_of(*state->find<Vm>(vm)).cpu;
        sum.memory += capacity_of(*state->find<Vm>(vm)).memory;
      }
      EXPECT_EQ(host->share.cpu_usage, sum.cpu);
      EXPECT_EQ(host->share.mem_usage, sum.memory);
      EXPECT_EQ(host->share.running_vms, static_cast<int>(host->vms.size()));
    }
  }

  /// Users of images and holders of leases, from the VMs and the reservations.
  void expect_references_hold() {
    const SnapshotPtr state = writer->snapshot();
    std::map<int, std::set<int>> users;
    std::map<int, long long> leases;
    state->pool<Vm>().for_each([&](const Entry<Vm>& entry) {
      if (entry.object.state == VmState::done) return;
      for (const Vector* disk : entry.object.system.vectors("DISK")) {
        if (const auto id = disk->number<int>("IMAGE_ID")) users[*id].insert(entry.object.id.value);
      }
      for (const Vector* nic : entry.object.system.vectors("NIC")) {
        if (const auto id = nic->number<int>("NETWORK_ID")) ++leases[*id];
      }
    });
    state->pool<Image>().for_each([&](const Entry<Image>& entry) {
      std::set<int> known;
      for (const VmId id : entry.object.vms) known.insert(id.value);
      EXPECT_EQ(known, users[entry.object.id.value]) << "image " << entry.object.id.value;
      EXPECT_EQ(entry.object.running_vms, static_cast<int>(known.size()));
    });
    state->pool<VirtualNetwork>().for_each([&](const Entry<VirtualNetwork>& entry) {
      if (const auto parent = parse_number<int>(entry.object.parent_network_id)) {
        for (const AddressRange& range : entry.object.address_ranges.ranges) {
          leases[*parent] += range.size();
        }
      }
    });
    state->pool<VirtualNetwork>().for_each([&](const Entry<VirtualNetwork>& entry) {
      long long held = 0;
      for (const AddressRange& range : entry.object.address_ranges.ranges) {
        held += static_cast<long long>(range.allocated.size());
      }
      EXPECT_EQ(held, leases[entry.object.id.value]) << "network " << entry.object.id.value;
      EXPECT_EQ(entry.object.used_leases, held);
    });
  }

  template <class T>
  static void expect_equal_pools(const Snapshot& here, const Snapshot& there) {
    const auto all = [](const Snapshot& state) {
      std::string documents;
      state.pool<T>().for_each(
          [&](const Entry<T>& entry) { documents += to_xml(T::root, entry.object, Form::stored); });
      return documents;
    };
    EXPECT_EQ(all(here), all(there)) << T::table;
  }

  /// What a restart would read is what is there.
  template <class... T>
  void expect_stored(std::type_identity<std::tuple<T...>>) {
    const auto again = std::move(*Writer::load(*database, clock));
    (expect_equal_pools<T>(*writer->snapshot(), *again->snapshot()), ...);
  }

  std::mt19937 random{5};
  std::vector<int> hosts;
  int names = 0;
};

TEST_F(CountersTest, EqualARecountAfterRandomCalls) {
  for (int round = 0; round < 3'000; ++round) {
    call_any();
    const auto effects = open_effects();
    if (!effects.empty() && any(3) != 0) {
      finish(effects[static_cast<std::size_t>(any(static_cast<int>(effects.size())))], any(5) != 0);
    }
    if (round % 100 != 0) continue;
    expect_quotas_hold();
    expect_hosts_hold();
    expect_references_hold();
    if (HasFailure()) FAIL() << "in round " << round;
  }
  const auto done = static_cast<std::size_t>(*writer->archive().count());
  EXPECT_GT(writer->snapshot()->pool<Vm>().size() + done, 100U);
  expect_stored(std::type_identity<ObjectKinds>{});
}

}  // namespace
}  // namespace nubo
