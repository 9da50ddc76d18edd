// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "unit/api/api_fixture.h"

namespace nubo {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class VdcTest : public test::ApiTest {
 protected:
  std::vector<std::string> rules() {
    std::vector<std::string> all;
    writer->snapshot()->pool<AclRule>().for_each(
        [&](const Entry<AclRule>& entry) { all.push_back(entry.object.to_string()); });
    return all;
  }

  int new_vdc(const std::string& name) { return id_of(call("one.vdc.allocate", {"NAME=" + name})); }

  int host = id_of(call("one.host.allocate", {"h1", "dummy", "dummy", -1}));
  int group = id_of(call("one.group.allocate", {"g"}));
};

TEST_F(VdcTest, LendsItsResourcesToItsGroups) {
  const int vdc = new_vdc("v");
  EXPECT_EQ(id_of(call("one.vdc.addgroup", {vdc, group})), vdc);
  EXPECT_EQ(id_of(call("one.vdc.addhost", {vdc, 0, host})), vdc);
  EXPECT_THAT(rules(), Contains(fmt::format("@{} HOST/#{} MANAGE #0", group, host)));
  EXPECT_FALSE(code_of(call("one.vdc.delhost", {vdc, 0, host})));
  EXPECT_THAT(rules(), Not(Contains(fmt::format("@{} HOST/#{} MANAGE #0", group, host))));
}

TEST_F(VdcTest, GivesWhatAGroupThatJoinsMayUse) {
  const int vdc = new_vdc("v");
  call("one.vdc.addcluster", {vdc, 0, 0});
  EXPECT_THAT(rules(), Not(Contains(fmt::format("@{} NET/%0 USE #0", group))));
  call("one.vdc.addgroup", {vdc, group});
  EXPECT_THAT(rules(), Contains(fmt::format("@{} NET/%0 USE #0", group)));
  call("one.vdc.delgroup", {vdc, group});
  EXPECT_THAT(rules(), Not(Contains(fmt::format("@{} NET/%0 USE #0", group))));
}

TEST_F(VdcTest, ARuleStaysWhileAnotherVdcStandsForIt) {
  const int one = new_vdc("one");
  const int two = new_vdc("two");
  for (const int vdc : {one, two}) {
    call("one.vdc.addgroup", {vdc, group});
    call("one.vdc.adddatastore", {vdc, 0, 1});
  }
  const std::string rule = fmt::format("@{} DATASTORE/#1 USE #0", group);
  EXPECT_FALSE(code_of(call("one.vdc.delete", {one})));
  EXPECT_THAT(rules(), Contains(rule));
  EXPECT_FALSE(code_of(call("one.vdc.deldatastore", {two, 0, 1})));
  EXPECT_THAT(rules(), Not(Contains(rule)));
  EXPECT_THAT(rules(), Contains(fmt::format("@{} DATASTORE/* USE #0", group)));  // of VDC 0
}

TEST_F(VdcTest, AllTakesThePlaceOfSingleOnes) {
  const int vdc = new_vdc("v");
  call("one.vdc.addhost", {vdc, 0, host});
  EXPECT_FALSE(code_of(call("one.vdc.addhost", {vdc, 0, -10})));
  EXPECT_THAT(text_of(call("one.vdc.info", {vdc})),
              HasSubstr("<HOSTS><HOST><ZONE_ID>0</ZONE_ID><HOST_ID>-10</HOST_ID></HOST></HOSTS>"));
}

TEST_F(VdcTest, RefusesWhatIsThereAlreadyOrNot) {
  const int vdc = new_vdc("v");
  call("one.vdc.addhost", {vdc, 0, host});
  EXPECT_THAT(text_of(call("one.vdc.addhost", {vdc, 0, host})),
              HasSubstr("HOST 0 from Zone 0 is already assigned to the VDC"));
  EXPECT_EQ(code_of(call("one.vdc.delgroup", {vdc, group})), Code::internal);
  EXPECT_EQ(code_of(call("one.vdc.addhost", {vdc, 9, host})), Code::no_exists);
  EXPECT_EQ(code_of(call("one.vdc.addhost", {vdc, 0, 99})), Code::no_exists);
  EXPECT_EQ(code_of(call("one.vdc.delete", {0})), Code::action);
}

}  // namespace
}  // namespace nubo
