// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.h"

#include <gtest/gtest.h>

#include "daemon/config.h"
#include "unit/api/api_fixture.h"

namespace nubo {
namespace {

/// A new cloud, and what placement may do in it for the VMs of a user.
class PlacementRights : public test::ApiTest {
 protected:
  PlacementRights() {
    const Template config = read_config("oned.conf", "", Locations{}).value().attributes;
    rules = flow_settings(config, Locations{}, *writer).value().placement;
  }

  bool may_use_host(int user) const { return rules.may_use_host(vm_of(user), Host{}); }

  bool may_use_datastore(int user, int datastore) const {
    return rules.may_use_datastore(vm_of(user),
                                   *writer->snapshot()->find<Datastore>(DatastoreId{datastore}));
  }

  static Vm vm_of(int user) {
    Vm vm;
    vm.uid = UserId{user};
    return vm;
  }

  PlacementRules rules;
};

class SettingsTest : public test::ApiTest {
 protected:
  std::string refusal_of(const std::string& text) {
    const Template config = read_config("oned.conf", text, Locations{}).value().attributes;
    const auto read = flow_settings(config, Locations{}, *writer);
    return read ? "taken" : read.error().message;
  }
};

TEST_F(SettingsTest, PortsThatAreReservedAreNotGivenOut) {
  const std::string text = "VNC_PORTS = [ START = \"6000\", RESERVED = \"6001, 6100:6200\" ]";
  const Template config = read_config("oned.conf", text, Locations{}).value().attributes;
  const GraphicsPorts ports = flow_settings(config, Locations{}, *writer).value().vm.graphics_ports;
  EXPECT_EQ(ports.start, 6000);
  EXPECT_TRUE(ports.reserved.contains(6001));
  EXPECT_FALSE(ports.reserved.contains(6002));
}

TEST_F(SettingsTest, AHostHasTimeForTwoReportsBeforeItsSilenceIsAFailure) {
  const auto timeout_with = [this](const std::string& text) {
    const Template config = read_config("oned.conf", text, Locations{}).value().attributes;
    return flow_settings(config, Locations{}, *writer).value().monitor.host_timeout.count();
  };
  EXPECT_EQ(timeout_with(""), 120);
  EXPECT_EQ(timeout_with("MONITORING_INTERVAL_HOST = 100000"), 200'000);
  EXPECT_EQ(timeout_with("MONITORING_INTERVAL_HOST = 60\nMONITORING_TIMEOUT_HOST = 300"), 300);
}

TEST_F(SettingsTest, WhatCannotBeMeantIsRefusedByName) {
  EXPECT_EQ(refusal_of("VLAN_IDS = [ RESERVED = \"1-5\" ]"),
            "VLAN_IDS has RESERVED = \"1-5\": it is to be a list of n or first:last");
  EXPECT_EQ(refusal_of("VNC_PORTS = [ START = \"low\" ]"),
            "VNC_PORTS has START = \"low\": it is to be a number from 0");
  EXPECT_EQ(refusal_of("FEDERATION = [ MODE = \"MASTER\" ]"),
            "FEDERATION has MODE = \"MASTER\": there is no other than STANDALONE");
}

TEST_F(PlacementRights, OfOneadminAreAll) {
  EXPECT_TRUE(may_use_host(0));
  EXPECT_TRUE(may_use_datastore(0, 0));
}

TEST_F(PlacementRights, OfUsersComeWithTheDefaultDataCenter) {
  const int user = new_user("alice");
  EXPECT_TRUE(may_use_host(user));
  EXPECT_TRUE(may_use_datastore(user, 0));
}

TEST_F(PlacementRights, OfUsersEndWithTheRuleThatGivesThem) {
  const int user = new_user("alice");
  call("one.acl.delrule", {3});  // @1 HOST/* MANAGE
  EXPECT_FALSE(may_use_host(user));
  EXPECT_TRUE(may_use_datastore(user, 0));
  EXPECT_FALSE(may_use_host(4711)) << "there is no such user";
}

}  // namespace
}  // namespace nubo
