// SPDX-License-Identifier: Apache-2.0
// What one.vm.info and one.vmpool.infoextended show of VMs.
#include <gmock/gmock.h>

#include "api_fixture.h"

namespace nubo::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class VmDocuments : public ApiTest {
 protected:
  int make(const std::string& attributes) {
    return id_of(call("one.vm.allocate", {"CPU=1\nMEMORY=64\n" + attributes, true}));
  }

  std::string info(int id) { return text_of(call("one.vm.info", {id})); }

  std::string pool() { return text_of(call("one.vmpool.infoextended", {-2, -1, -1, -1})); }
};

TEST_F(VmDocuments, ShowWhatTheVmReportedLast) {
  const int id = make("NAME=a\nNOTE=\"<MONITORING></MONITORING>\"");
  monitoring->append(Monitored::vm, {{id, EpochSeconds(70), "<MONITORING>old</MONITORING>"},
                                     {id, EpochSeconds(80), "<MONITORING>new</MONITORING>"}});
  EXPECT_THAT(info(id), HasSubstr("<LAST_POLL>80</LAST_POLL>"));
  EXPECT_THAT(info(id), HasSubstr("<MONITORING>new</MONITORING><SCHED_ACTIONS>"));
  EXPECT_THAT(pool(), HasSubstr("<LAST_POLL>0</LAST_POLL>"));
}

TEST_F(VmDocuments, ShowWhatADoneVmReportedLast) {
  const int id = make("NAME=a");
  monitoring->append(Monitored::vm, {{id, EpochSeconds(80), "<MONITORING>last</MONITORING>"}});
  monitoring->retire(Monitored::vm, id);
  monitoring->flush();
  id_of(call("one.vm.action", {"terminate-hard", id}));
  EXPECT_THAT(info(id), HasSubstr("<STATE>6</STATE>"));
  EXPECT_THAT(info(id), HasSubstr("<LAST_POLL>80</LAST_POLL>"));
  EXPECT_THAT(info(id), HasSubstr("<MONITORING>last</MONITORING>"));
}

TEST_F(VmDocuments, AreTheSameForManyAttributesAsForFew) {
  const std::string note(5000, 'x');
  const int id = make("NAME=a\nNOTE=\"" + note + "\"");
  const std::string notes = "<USER_TEMPLATE><NOTE><![CDATA[" + note + "]]></NOTE></USER_TEMPLATE>";
  EXPECT_THAT(info(id), HasSubstr(notes));
  EXPECT_THAT(pool(), HasSubstr(notes));
  EXPECT_THAT(text_of(call("one.vmpool.info", {-2, -1, -1, -1})), Not(HasSubstr(note)));
  monitoring->append(Monitored::vm, {{id, EpochSeconds(80), "<MONITORING>new</MONITORING>"}});
  EXPECT_THAT(info(id), HasSubstr("<MONITORING>new</MONITORING>"));
}

}  // namespace
}  // namespace nubo::test
