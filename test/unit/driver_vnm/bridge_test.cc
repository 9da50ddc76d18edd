// SPDX-License-Identifier: Apache-2.0
#include "vnm/bridge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vnm/networks.h"

namespace nubo::vnm {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

Template a_vm(const std::string& nics) { return *parse_template(nics); }

TEST(Bridges, AreThoseOfTheDriversOwnNicsEachOnce) {
  const Template vm = a_vm(
      "NIC=[NIC_ID=0,VN_MAD=bridge,BRIDGE=br0,PHYDEV=eth1]\n"
      "NIC=[NIC_ID=1,VN_MAD=fw,BRIDGE=br1]\n"
      "NIC=[NIC_ID=2,VN_MAD=bridge,BRIDGE=br0,PHYDEV=eth1]\n"
      "NIC=[NIC_ID=3,VN_MAD=bridge,BRIDGE=br2]");
  EXPECT_THAT(*bridges_of(vm, "bridge", false),
              ElementsAre(Bridge{"br0", "eth1", false}, Bridge{"br2", "", false}));
}

TEST(Bridges, RefuseNamesThatAreNoDeviceNames) {
  for (const char* name : {"../../etc", "-x", "a b", "", "$(reboot)", "sixteen-letters-"}) {
    const Template vm = a_vm(fmt::format("NIC=[NIC_ID=4,VN_MAD=bridge,BRIDGE=\"{}\"]", name));
    const auto bridges = bridges_of(vm, "bridge", false);
    ASSERT_FALSE(bridges) << name;
    EXPECT_THAT(bridges.error().message, HasSubstr("NIC 4: BRIDGE"));
  }
}

TEST(Bridges, AreKeptWhenTheSiteOrTheNetworkSaysSo) {
  const Template plain = a_vm("NIC=[VN_MAD=bridge,BRIDGE=br0]");
  const Template keeps = a_vm("NIC=[VN_MAD=bridge,BRIDGE=br0,CONF=\"a=b,keep_empty_bridge=yes\"]");
  const Template goes = a_vm("NIC=[VN_MAD=bridge,BRIDGE=br0,CONF=\"keep_empty_bridge=no,a=b\"]");
  EXPECT_FALSE(bridges_of(plain, "bridge", false)->front().keep);
  EXPECT_TRUE(bridges_of(plain, "bridge", true)->front().keep);
  EXPECT_TRUE(bridges_of(keeps, "bridge", false)->front().keep);
  EXPECT_FALSE(bridges_of(goes, "bridge", true)->front().keep);
}

TEST(Bridges, AreMadeInOneScript) {
  EXPECT_THAT(pre_script({{"br0", "eth1", false}, {"br2", "", false}}),
              EndsWith("'bridge_up' 'br0' 'eth1'\n'bridge_up' 'br2' ''\n"));
}

TEST(Bridges, ThatAreKeptNeedNoScriptToClean) {
  EXPECT_THAT(clean_script({{"br0", "eth1", true}}), IsEmpty());
  EXPECT_THAT(clean_script({{"br0", "eth1", false}}), EndsWith("'bridge_down' 'br0' 'eth1'\n"));
}

TEST(Networks, NameTheirDriversInTheOrderOfTheNics) {
  EXPECT_THAT(drivers_of(a_vm("PCI=[VN_MAD=ovs]\nNIC_ALIAS=[VN_MAD=fw]\nNIC=[VN_MAD=bridge]\n"
                              "NIC=[BRIDGE=br0]\nNIC=[VN_MAD=fw]")),
              ElementsAre("bridge", "fw", "ovs"));
}

class NetworksTest : public testing::Test {
 protected:
  Result<Values> run(const std::string& action, const std::string& nic) {
    const SystemClock clock;
    Context context({}, clock);
    return networks_.run({.action = action,
                          .node = "node1",
                          .args = {{"vm", "<VM><TEMPLATE>" + nic + "</TEMPLATE></VM>"}}},
                         context);
  }

  void SetUp() override { ASSERT_TRUE(networks_.configure({{"REMOTES", "/nowhere"}})); }

  Networks networks_;
};

TEST_F(NetworksTest, DummyDoesNothing) {
  EXPECT_TRUE(run("pre", "<NIC><VN_MAD>dummy</VN_MAD></NIC>"));
}

TEST_F(NetworksTest, AVmWithoutNetworksNeedsNothing) { EXPECT_TRUE(run("clean", "")); }

TEST_F(NetworksTest, SaysThatADriverIsNotThere) {
  const auto done = run("pre", "<NIC><VN_MAD>vxlan</VN_MAD></NIC>");
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("VN_MAD vxlan is not available"));
}

TEST_F(NetworksTest, DoesNotLeaveTheFolderOfScripts) {
  ASSERT_TRUE(networks_.configure({{"REMOTES", "/usr/share/doc"}}));
  EXPECT_FALSE(run("pre", "<NIC><VN_MAD>../../../bin</VN_MAD></NIC>"));
}

}  // namespace
}  // namespace nubo::vnm
