// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "unit/api/api_fixture.h"

namespace nubo {
namespace {

using ::testing::HasSubstr;

class VmGroupTest : public test::ApiTest {
 protected:
  int new_vm(const std::string& role) {
    return id_of(call(
        "one.vm.allocate",
        {fmt::format("CPU=1\nMEMORY=128\nVMGROUP=[VMGROUP_ID={},ROLE={}]", group, role), true}));
  }

  std::string roles() {
    const std::string text = text_of(call("one.vmgroup.info", {group}));
    return text.substr(text.find("<ROLES>"));
  }

  int group = id_of(call("one.vmgroup.allocate",
                         {"NAME=g\nROLE=[NAME=web]\nROLE=[NAME=db]\nAFFINED=\"web,db\""}));
};

TEST_F(VmGroupTest, RolesKnowTheirVms) {
  const int vm = new_vm("web");
  EXPECT_THAT(roles(),
              HasSubstr(fmt::format("<NAME><![CDATA[web]]></NAME><VMS><![CDATA[{}]]></VMS>", vm)));
  EXPECT_FALSE(code_of(call("one.vm.recover", {vm, 3})));
  EXPECT_THAT(roles(), ::testing::Not(HasSubstr("VMS")));
}

TEST_F(VmGroupTest, AVmNeedsARoleThatIsThere) {
  EXPECT_THAT(
      text_of(call("one.vm.allocate", {"CPU=1\nMEMORY=128\nVMGROUP=[VMGROUP_NAME=g,ROLE=no]"})),
      HasSubstr("Role does not exist in VM Group"));
}

TEST_F(VmGroupTest, AskingForARoleNeedsTheRightToUseTheGroup) {
  new_user("ann");
  session = "ann:pw";
  EXPECT_EQ(
      code_of(call("one.vm.allocate", {"CPU=1\nMEMORY=128\nVMGROUP=[VMGROUP_ID=0,ROLE=web]"})),
      Code::authorization);
}

TEST_F(VmGroupTest, RolesInUseStay) {
  new_vm("web");
  EXPECT_EQ(code_of(call("one.vmgroup.roledelete", {group, 0})), Code::action);
  EXPECT_EQ(code_of(call("one.vmgroup.roleupdate", {group, 0, "ROLE=[POLICY=AFFINED]"})),
            Code::action);
  EXPECT_THAT(text_of(call("one.vmgroup.update", {group, "A=1", 1})),
              HasSubstr("Cannot update template. VM Group has 1 VMs"));
}

TEST_F(VmGroupTest, RulesSpeakOfRolesThatAreThere) {
  EXPECT_EQ(code_of(call("one.vmgroup.allocate", {"NAME=h\nROLE=[NAME=a]\nAFFINED=\"a,b\""})),
            Code::internal);
  EXPECT_EQ(code_of(call("one.vmgroup.roledelete", {group, 1})), Code::action);
  EXPECT_EQ(code_of(call("one.vmgroup.update", {group, "ANTI_AFFINED=\"web,db\"", 1})),
            Code::internal);
}

TEST_F(VmGroupTest, RoleNumbersGoOn) {
  EXPECT_FALSE(code_of(call("one.vmgroup.roleadd", {group, "ROLE=[NAME=app]"})));
  EXPECT_THAT(roles(), HasSubstr("<ID><![CDATA[2]]></ID><NAME><![CDATA[app]]></NAME>"));
  EXPECT_THAT(text_of(call("one.vmgroup.roleadd", {group, "ROLE=[NAME=app]"})),
              HasSubstr("Role already exists"));
}

}  // namespace
}  // namespace nubo
