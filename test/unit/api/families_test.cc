// SPDX-License-Identifier: Apache-2.0
// Rules of single families of calls, on a cloud with a host, datastores and a network.
#include <gmock/gmock.h>

#include "unit/api/api_fixture.h"

namespace nubo {
namespace {

using api::Value;
using ::testing::HasSubstr;
using ::testing::Not;

class FamiliesTest : public test::ApiTest {
 protected:
  FamiliesTest() {
    edit<Datastore>(1, [](Datastore& datastore) { datastore.free_mb = 100; });
  }

  int new_image(const std::string& name) {
    const int id = id_of(call("one.image.allocate", {"NAME=" + name + "\nSIZE=4", 1}));
    edit<Image>(id, [](Image& image) {
      image.state = ImageState::ready;
      image.source = "here";
    });
    return id;
  }

  int new_network(const std::string& name) {
    return id_of(call("one.vn.allocate", {"NAME=" + name +
                                              "\nVN_MAD=dummy\nBRIDGE=b\n"
                                              "AR=[TYPE=IP4,IP=10.0.0.1,SIZE=4]",
                                          -1}));
  }

  int new_vm(const std::string& more) {
    return id_of(call("one.vm.allocate", {"CPU=1\nMEMORY=64\n" + more, true}));
  }

  template <class T, class Change>
  void edit(int id, Change&& change) {
    EXPECT_TRUE(writer->apply_now(nubo::Change("test", [&](Draft& draft) -> Status {
      NUBO_TRY(T * object, draft.edit<T>(IdOf<T>{id}));
      change(*object);
      return ok();
    })));
  }

  template <class T>
  Ptr<T> get(int id) {
    return writer->snapshot()->find<T>(IdOf<T>{id});
  }
};

TEST_F(FamiliesTest, AutomaticVlansAreFreeAndNotReserved) {
  const auto new_vlan = [this](const std::string& name) {
    return id_of(call("one.vn.allocate", {"NAME=" + name +
                                              "\nVN_MAD=\"802.1Q\"\nPHYDEV=p\n"
                                              "AUTOMATIC_VLAN_ID=YES",
                                          -1}));
  };
  const int first = new_vlan("a");
  const int second = new_vlan("b");
  EXPECT_EQ(get<VirtualNetwork>(first)->vlan_id, "3");   // 2 is reserved
  EXPECT_EQ(get<VirtualNetwork>(second)->vlan_id, "6");  // 3 is given, 4 and 5 are reserved
  call("one.vn.delete", {first});
  EXPECT_EQ(get<VirtualNetwork>(new_vlan("c"))->vlan_id, "3");
}

TEST_F(FamiliesTest, AutomaticOuterVlansFollowTheId) {
  const int id = id_of(
      call("one.vn.allocate", {"NAME=a\nVN_MAD=ovswitch_vxlan\nAUTOMATIC_OUTER_VLAN_ID=YES", -1}));
  const auto network = get<VirtualNetwork>(id);
  EXPECT_EQ(network->outer_vlan_id, std::to_string(700 + id));
  EXPECT_TRUE(network->outer_vlan_id_automatic);
  EXPECT_EQ(network->vlan_id, "");
}

TEST_F(FamiliesTest, UsersAndTheirGroupsSayWhetherImagesArePersistent) {
  const auto prefer = [&](const char* method, int id, const std::string& key, const char* value) {
    id_of(call(method, {id, "OPENNEBULA=[" + key + "=" + value + "]", 0}));
  };
  EXPECT_FALSE(get<Image>(new_image("plain"))->persistent);
  prefer("one.user.update", 0, "DEFAULT_IMAGE_PERSISTENT_NEW", "YES");
  const int image = new_image("kept");
  EXPECT_TRUE(get<Image>(image)->persistent);
  const int said = id_of(call("one.image.allocate", {"NAME=said\nSIZE=4\nPERSISTENT=NO", 1}));
  EXPECT_FALSE(get<Image>(said)->persistent);

  EXPECT_TRUE(get<Image>(id_of(call("one.image.clone", {image, "same"})))->persistent);
  prefer("one.group.update", 0, "DEFAULT_IMAGE_PERSISTENT", "NO");
  EXPECT_FALSE(get<Image>(id_of(call("one.image.clone", {image, "by group"})))->persistent);
}

TEST_F(FamiliesTest, ATemplateIsCopiedWithItsImages) {
  const int image = new_image("disk");
  const int source = id_of(call("one.template.allocate", {"NAME=t\nDISK=[IMAGE=disk]"}));
  const int copy = id_of(call("one.template.clone", {source, "u", true}));
  const Vector* disk = get<VmTemplate>(copy)->attributes.vector("DISK");
  const auto copied = get<Image>(disk->number<int>("IMAGE_ID").value_or(-1));
  EXPECT_EQ(copied->name, "u-disk-0");
  EXPECT_EQ(get<Image>(image)->clones, (IdSet<ImageTag>{copied->id}));
  EXPECT_FALSE(disk->contains("IMAGE"));
  EXPECT_FALSE(code_of(call("one.template.chmod", {copy, 1, 1, 0, 1, 0, 0, 0, 0, 0, true})));
  EXPECT_TRUE(get<Image>(copied->id.value)->permissions.group_u);
}

TEST_F(FamiliesTest, APersistentVmHasATemplateAndImagesOfItsOwn) {
  new_image("disk");
  const int source =
      id_of(call("one.template.allocate", {"NAME=t\nCPU=1\nMEMORY=64\nDISK=[IMAGE=disk]"}));
  const int vm = id_of(call("one.template.instantiate", {source, "kept", false, "NOTE=1", true}));
  EXPECT_EQ(get<Vm>(vm)->system.get("CLONING_TEMPLATE_ID"), std::to_string(source));
  EXPECT_EQ(get<Vm>(vm)->state, VmState::cloning);
  const auto copy = get<VmTemplate>(get<Vm>(vm)->system.number<int>("TEMPLATE_ID").value_or(-1));
  EXPECT_EQ(copy->name, "kept");
  EXPECT_EQ(copy->attributes.get("NOTE"), "1");
  const Vector* disk = get<Vm>(vm)->system.vector("DISK");
  EXPECT_TRUE(get<Image>(disk->number<int>("IMAGE_ID").value_or(-1))->persistent);
}

TEST_F(FamiliesTest, AnExtendedTemplateShowsWhatADiskTakesOver) {
  new_image("disk");
  const int source = id_of(call("one.template.allocate", {"NAME=t\nDISK=[IMAGE=disk]"}));
  EXPECT_THAT(text_of(call("one.template.info", {source, true})), HasSubstr("<DATASTORE_ID>"));
  EXPECT_THAT(text_of(call("one.template.info", {source})), Not(HasSubstr("<DATASTORE_ID>")));
}

TEST_F(FamiliesTest, ReservationsTakeAddressesAndGiveThemBack) {
  const int parent = new_network("net");
  const int first = id_of(call("one.vn.reserve", {parent, "NAME=r\nSIZE=2"}));
  EXPECT_EQ(id_of(call("one.vn.reserve", {parent, fmt::format("NETWORK_ID={}\nSIZE=1", first)})),
            first);
  EXPECT_EQ(get<VirtualNetwork>(parent)->used_leases, 3);
  EXPECT_EQ(text_of(call("one.vn.reserve", {first, "NAME=s\nSIZE=1"})),
            "[one.vn.reserve] Cannot reserve addresses from a reserved VNET");
  EXPECT_EQ(code_of(call("one.vn.delete", {parent})), Code::action);
  EXPECT_FALSE(code_of(call("one.vn.free_ar", {first, 0})));
  EXPECT_EQ(get<VirtualNetwork>(parent)->used_leases, 1);
  EXPECT_FALSE(code_of(call("one.vn.delete", {first})));
  EXPECT_EQ(get<VirtualNetwork>(parent)->used_leases, 0);
}

TEST_F(FamiliesTest, NetworksRecoverFromTheStatesThatTheTableNames) {
  const int network = new_network("net");
  EXPECT_EQ(text_of(call("one.vn.recover", {network, 1})),
            fmt::format("[one.vn.recover] Could not perform 'recover success' on VN {}, wrong "
                        "state READY.",
                        network));
  EXPECT_EQ(code_of(call("one.vn.recover", {network, 4})), Code::action);
  edit<VirtualNetwork>(network, [](VirtualNetwork& each) { each.state = NetworkState::error; });
  EXPECT_FALSE(code_of(call("one.vn.recover", {network, 1})));
  EXPECT_EQ(get<VirtualNetwork>(network)->state, NetworkState::ready);
}

TEST_F(FamiliesTest, RulesOfSecurityGroupsReachTheirVms) {
  const int group = id_of(call("one.secgroup.allocate", {"NAME=g"}));
  new_network("net");
  const int vm = new_vm(fmt::format("NIC=[NETWORK=net,SECURITY_GROUPS=\"{}\"]", group));
  const auto rules = [&] { return get<Vm>(vm)->system.vectors("SECURITY_GROUP_RULE").size(); };
  EXPECT_EQ(rules(), 2U);
  EXPECT_FALSE(
      code_of(call("one.secgroup.update", {group, "RULE=[PROTOCOL=TCP,RULE_TYPE=inbound]", 0})));
  EXPECT_EQ(rules(), 3U);
  edit<Vm>(vm, [](Vm& each) { each.set_states({VmState::active, LcmState::unknown}); });
  EXPECT_FALSE(code_of(call("one.secgroup.commit", {group, false})));
  EXPECT_EQ(get<SecurityGroup>(group)->error_vms.size(), 1U);
  edit<Vm>(vm, [](Vm& each) { each.set_states({VmState::active, LcmState::running}); });
  EXPECT_FALSE(code_of(call("one.secgroup.commit", {group, true})));
  EXPECT_EQ(get<SecurityGroup>(group)->updating_vms.size(), 1U);  // until the guest has them
}

TEST_F(FamiliesTest, NicsWithoutANetworkGetOneAtDeployment) {
  const int host = id_of(call("one.host.allocate", {"h1", "dummy", "dummy", -1}));
  const int network = new_network("net");
  const int vm = new_vm("NIC=[NETWORK_MODE=auto]");
  const std::string chosen = fmt::format("NIC=[NIC_ID=0,NETWORK_ID={}]", network);
  EXPECT_FALSE(code_of(call("one.vm.deploy", {vm, host, false, -1, chosen})));
  EXPECT_EQ(get<Vm>(vm)->system.vector("NIC")->get("IP"), "10.0.0.1");
  EXPECT_EQ(get<VirtualNetwork>(network)->used_leases, 1);
}

TEST_F(FamiliesTest, AHostNeedsAHypervisorThatIsConfigured) {
  const int host = id_of(call("one.host.allocate", {"h1", "dummy", "other", -1}));
  EXPECT_EQ(text_of(call("one.vm.deploy", {new_vm(""), host})),
            "[one.vm.deploy] Cannot find vmm driver: other");
}

TEST_F(FamiliesTest, ADisabledZoneIsOnlyRead) {
  EXPECT_FALSE(code_of(call("one.zone.enable", {0, false})));
  EXPECT_EQ(text_of(call("one.cluster.allocate", {"c"})),
            "[one.cluster.allocate] Cannot process request, zone disabled");
  EXPECT_FALSE(code_of(call("one.zone.info", {0})));
  EXPECT_FALSE(code_of(call("one.zone.enable", {0, true})));
  EXPECT_FALSE(code_of(call("one.cluster.allocate", {"c"})));
}

TEST_F(FamiliesTest, ChangesOfANetworkReachTheNicsThatHaveNoValueOfTheirOwn) {
  const int network = new_network("net");
  const int vm = new_vm("NIC=[NETWORK=net]\nNIC=[NETWORK=net,MTU=9000]");
  const auto mtu = [&](std::size_t nic) {
    return get<Vm>(vm)->system.vectors("NIC").at(nic)->get("MTU");
  };
  EXPECT_FALSE(code_of(call("one.vn.update", {network, "MTU=1400", 1})));
  EXPECT_EQ(mtu(0), "1400");
  EXPECT_EQ(mtu(1), "9000");
  edit<Vm>(vm, [](Vm& each) { each.set_states({VmState::active, LcmState::boot}); });
  EXPECT_FALSE(code_of(call("one.vn.update", {network, "MTU=1300", 1})));
  EXPECT_EQ(get<VirtualNetwork>(network)->state, NetworkState::update_failure);
  EXPECT_EQ(mtu(0), "1400");
  edit<Vm>(vm, [](Vm& each) { each.set_states({VmState::active, LcmState::running}); });
  EXPECT_FALSE(code_of(call("one.vn.recover", {network, 3})));
  EXPECT_EQ(get<VirtualNetwork>(network)->state, NetworkState::ready);
  EXPECT_EQ(mtu(0), "1300");
}

TEST_F(FamiliesTest, VlansNeedARuleOfTheGroup) {
  const int ann = new_user("ann");
  const int network = new_network("net");
  EXPECT_FALSE(code_of(call("one.vn.chown", {network, ann, -1})));
  session = "ann:pw";
  EXPECT_EQ(code_of(call("one.vn.update", {network, "VLAN_ID=7", 1})), Code::authorization);
  session = "oneadmin:pw";
  EXPECT_FALSE(code_of(
      call("one.group.vlan", {1, "RULE=[ID=\"1-4\",SCOPE=ANY]\nRULE=[ID=\"5-9\",SCOPE=VLAN_ID]"})));
  session = "ann:pw";
  EXPECT_FALSE(code_of(call("one.vn.update", {network, "VLAN_ID=7", 1})));
  EXPECT_FALSE(code_of(call("one.vn.update", {network, "CVLANS=\"2-4\"", 1})));
  EXPECT_EQ(code_of(call("one.vn.update", {network, "CVLANS=\"2-5\"", 1})), Code::authorization);
}

TEST_F(FamiliesTest, SnapshotsOfAnImageAreChangedByItsDriver) {
  const int image = new_image("disk");
  EXPECT_EQ(text_of(call("one.image.snapshotflatten", {image, 0})),
            "[one.image.snapshotflatten] Snapshot does not exist");
  edit<Image>(image, [](Image& each) {
    each.snapshots.add("SNAPSHOT", Vector{{"ID", "0"}, {"PARENT", "-1"}, {"CHILDREN", "1"}});
    each.snapshots.add("SNAPSHOT", Vector{{"ID", "1"}, {"PARENT", "0"}, {"SIZE", "4"}});
  });
  EXPECT_EQ(code_of(call("one.image.snapshotdelete", {image, 0})), Code::action);
  EXPECT_FALSE(code_of(call("one.image.snapshotdelete", {image, 1})));
  EXPECT_EQ(get<Image>(image)->state, ImageState::locked);
  EXPECT_EQ(get<Image>(image)->target_snapshot, 1);
}

TEST_F(FamiliesTest, VlanRulesAreCheckedAndShown) {
  const int group = id_of(call("one.group.allocate", {"g"}));
  EXPECT_EQ(code_of(call("one.group.vlan", {group, "RULE=[ID=\"1\",SCOPE=some]"})), Code::action);
  EXPECT_FALSE(code_of(call("one.group.vlan", {group, "RULE=[ID=\"1-9\",SCOPE=any]"})));
  EXPECT_THAT(text_of(call("one.group.info", {group})),
              HasSubstr("<SCOPE><![CDATA[ANY]]></SCOPE>"));
}

TEST_F(FamiliesTest, WhatAVmHasUsedIsWorkedOutFromItsHistory) {
  const int vm = new_vm("CPU_COST=2\nMEMORY_COST=0.5");
  edit<Vm>(vm, [this](Vm& each) {
    const EpochSeconds start = clock.now();
    each.history.list.push_back({.vm = each.id,
                                 .start_time = start,
                                 .end_time = start + EpochSeconds(5400),
                                 .running_start = start,
                                 .running_end = start + EpochSeconds(3600)});
  });
  const std::string shown = text_of(call("one.vmpool.showback", {-2, -1, -1, -1, -1}));
  for (const char* part : {"<CPU_COST>3</CPU_COST>", "<MEMORY_COST>48</MEMORY_COST>",
                           "<HOURS>1.50</HOURS>", "<RHOURS>1</RHOURS>"}) {
    EXPECT_THAT(shown, HasSubstr(part));
  }
  EXPECT_THAT(text_of(call("one.vmpool.accounting", {-2, -1, -1})),
              HasSubstr("<REQUEST_ID>-1</REQUEST_ID><VM><ID>"));
  new_user("ann");
  session = "ann:pw";
  EXPECT_EQ(code_of(call("one.vmpool.calculateshowback", {-1, -1, -1, -1})), Code::authorization);
}

}  // namespace
}  // namespace nubo
