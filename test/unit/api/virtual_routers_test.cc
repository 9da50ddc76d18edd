// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "unit/api/api_fixture.h"

namespace nubo {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class VirtualRouterTest : public test::ApiTest {
 protected:
  Ptr<VirtualNetwork> net() {
    return writer->snapshot()->find<VirtualNetwork>(VirtualNetworkId{0});
  }

  Ptr<VirtualRouter> state() { return writer->snapshot()->find<VirtualRouter>(VirtualRouterId{0}); }

  int network = id_of(call("one.vn.allocate", {"NAME=n\nVN_MAD=dummy\nBRIDGE=b\n"
                                               "AR=[TYPE=IP4,IP=10.0.0.1,SIZE=9]",
                                               -1}));
  int base = id_of(call("one.template.allocate", {"NAME=t\nCPU=1\nMEMORY=64\nVROUTER=YES"}));
  int router = id_of(call("one.vrouter.allocate",
                          {"NAME=r\nNIC=[NETWORK_ID=0,FLOATING_IP=YES]\nNIC=[NETWORK=n]"}));
};

TEST_F(VirtualRouterTest, AFloatingNicHasAnAddressOfItsOwn) {
  const Vector& nic = *state()->attributes.vectors("NIC").at(0);
  EXPECT_EQ(nic.get("VROUTER_IP"), "10.0.0.1");
  EXPECT_FALSE(nic.contains("IP"));
  EXPECT_EQ(net()->used_leases, 1);
  EXPECT_THAT(net()->vrouters, SizeIs(1));
}

TEST_F(VirtualRouterTest, ItsVmsGetItsNics) {
  EXPECT_EQ(id_of(call("one.vrouter.instantiate", {router, 2, base, "", true, ""})), router);
  EXPECT_THAT(state()->vms, SizeIs(2));
  const auto vm = writer->snapshot()->find<Vm>(VmId{1});
  EXPECT_EQ(vm->name, "vr-r-1");
  EXPECT_THAT(vm->system.vectors("NIC"), SizeIs(2));
  EXPECT_EQ(vm->system.get("VROUTER_ID"), "0");
  EXPECT_EQ(net()->used_leases, 5);
}

TEST_F(VirtualRouterTest, NoVmIsMadeWhenOneCannotBe) {
  EXPECT_EQ(code_of(call("one.vrouter.instantiate", {router, 5, base, "", true, ""})),
            Code::allocate);
  EXPECT_TRUE(state()->vms.empty());
  EXPECT_EQ(net()->used_leases, 1);
}

TEST_F(VirtualRouterTest, OnlyTemplatesMadeForItServe) {
  const int other = id_of(call("one.template.allocate", {"NAME=o\nCPU=1\nMEMORY=64"}));
  EXPECT_THAT(text_of(call("one.vrouter.instantiate", {router, 1, other, "", true, ""})),
              HasSubstr("Only virtual router templates are allowed"));
  EXPECT_EQ(code_of(call("one.vrouter.instantiate", {router, 1, -1, "", true, ""})), Code::action);
}

TEST_F(VirtualRouterTest, NicsComeAndGo) {
  EXPECT_FALSE(
      code_of(call("one.vrouter.attachnic", {router, "NIC=[NETWORK_ID=0,FLOATING_IP=YES]"})));
  EXPECT_EQ(net()->used_leases, 2);
  EXPECT_FALSE(code_of(call("one.vrouter.detachnic", {router, 2})));
  EXPECT_FALSE(code_of(call("one.vrouter.detachnic", {router, 0})));
  EXPECT_EQ(net()->used_leases, 0);
  EXPECT_THAT(net()->vrouters, SizeIs(1));
  EXPECT_EQ(code_of(call("one.vrouter.detachnic", {router, 0})), Code::action);
}

TEST_F(VirtualRouterTest, AnUpdateKeepsTheNics) {
  EXPECT_FALSE(code_of(call("one.vrouter.update", {router, "A=1\nNIC=[X=1]", 0})));
  EXPECT_THAT(state()->attributes.vectors("NIC"), SizeIs(2));
}

TEST_F(VirtualRouterTest, OwnerAndBitsAreThoseOfItsVms) {
  const int ann = new_user("ann");
  call("one.vrouter.instantiate", {router, 1, base, "", true, ""});
  EXPECT_FALSE(code_of(call("one.vrouter.chown", {router, ann, -1})));
  EXPECT_FALSE(code_of(call("one.vrouter.chmod", {router, 1, 1, 0, 1, 0, 0, 0, 0, 0})));
  const auto vm = writer->snapshot()->find<Vm>(VmId{0});
  EXPECT_EQ(vm->uid, UserId{ann});
  EXPECT_EQ(vm->gid, GroupId{0});
  EXPECT_TRUE(vm->permissions.group_u);
}

TEST_F(VirtualRouterTest, ItsEndIsThatOfItsVms) {
  call("one.vrouter.instantiate", {router, 1, base, "", true, ""});
  EXPECT_FALSE(code_of(call("one.vrouter.delete", {router})));
  EXPECT_EQ((*writer->archive().find(VmId{0}))->state, VmState::done);
  EXPECT_EQ(net()->used_leases, 0);
  EXPECT_TRUE(net()->vrouters.empty());
}

}  // namespace
}  // namespace nubo
