// SPDX-License-Identifier: Apache-2.0
// Documents, network templates, hooks, marketplaces, backup jobs: objects whose work, where they
// have any, is done by others.
#include <gmock/gmock.h>

#include "unit/api/api_fixture.h"

namespace nubo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using DocumentTest = test::ApiTest;
using NetworkTemplateTest = test::ApiTest;
using HookTest = test::ApiTest;
using MarketplaceTest = test::ApiTest;
using BackupJobTest = test::ApiTest;
using PlanTest = test::ApiTest;

TEST_F(DocumentTest, PoolsShowOneType) {
  call("one.document.allocate", {"NAME=a", 100});
  call("one.document.allocate", {"NAME=a", 101});
  const std::string pool = text_of(call("one.documentpool.info", {-2, -1, -1, 101}));
  EXPECT_THAT(pool, HasSubstr("<ID>1</ID>"));
  EXPECT_THAT(pool, Not(HasSubstr("<ID>0</ID>")));
}

TEST_F(DocumentTest, HasANumberForANameIfItHasNone) {
  const int id = id_of(call("one.document.allocate", {"A=1", 100}));
  EXPECT_THAT(text_of(call("one.document.info", {id})), HasSubstr("<NAME>document-0</NAME>"));
}

TEST_F(DocumentTest, CopyingNeedsTheRightToRead) {
  const int id = id_of(call("one.document.allocate", {"A=1", 100}));
  new_user("ann");
  session = "ann:pw";
  EXPECT_EQ(code_of(call("one.document.clone", {id, "mine"})), Code::authorization);
}

TEST_F(NetworkTemplateTest, MakesNetworks) {
  const int id = id_of(call("one.vntemplate.allocate",
                            {"NAME=t\nVN_MAD=dummy\nBRIDGE=b\nAR=[TYPE=IP4,IP=10.0.0.1,SIZE=2]"}));
  const int network =
      id_of(call("one.vntemplate.instantiate", {id, "", "AR=[TYPE=IP4,IP=10.1.0.1,SIZE=3]"}));
  const auto made = writer->snapshot()->find<VirtualNetwork>(VirtualNetworkId{network});
  EXPECT_EQ(made->name, "t-0");
  EXPECT_EQ(made->template_id, "0");
  EXPECT_EQ(made->address_ranges.ranges.size(), 2U);
}

TEST_F(NetworkTemplateTest, UsersMayNotChangeWhatIsRestricted) {
  const int id = id_of(call("one.vntemplate.allocate", {"NAME=t\nVN_MAD=dummy\nBRIDGE=b"}));
  call("one.vntemplate.chmod", {id, -1, -1, -1, -1, -1, -1, 1, -1, -1});
  new_user("ann");
  session = "ann:pw";
  EXPECT_GE(id_of(call("one.vntemplate.instantiate", {id, "n", ""})), 0);
  EXPECT_EQ(code_of(call("one.vntemplate.instantiate", {id, "m", "VN_MAD=bridge"})),
            Code::authorization);
}

TEST_F(HookTest, AVmHookWaitsForStates) {
  const int id =
      id_of(call("one.hook.allocate", {"NAME=h\nTYPE=state\nRESOURCE=VM\nON=running\nCOMMAND=x"}));
  const std::string text = text_of(call("one.hook.info", {id}));
  EXPECT_THAT(text, HasSubstr("<LCM_STATE><![CDATA[RUNNING]]></LCM_STATE>"));
  EXPECT_THAT(text, HasSubstr("<REMOTE><![CDATA[NO]]></REMOTE>"));
  EXPECT_THAT(text, HasSubstr("<HOOKLOG></HOOKLOG></HOOK>"));
}

TEST_F(HookTest, CallsThatOnlyReadCannotBeHooked) {
  EXPECT_THAT(text_of(call("one.hook.allocate", {"NAME=h\nTYPE=api\nCALL=one.vm.info\nCOMMAND=x"})),
              HasSubstr("API call does not exist or is not supported: one.vm.info"));
  EXPECT_GE(id_of(call("one.hook.allocate", {"NAME=h\nTYPE=api\nCALL=one.vm.deploy\nCOMMAND=x"})),
            0);
}

TEST_F(HookTest, NothingHasRunYet) {
  const int id =
      id_of(call("one.hook.allocate", {"NAME=h\nTYPE=api\nCALL=one.vm.deploy\nCOMMAND=x"}));
  EXPECT_EQ(code_of(call("one.hook.retry", {id, 0})), Code::internal);
  EXPECT_EQ(text_of(call("one.hooklog.info", {-1, -1, -1, 0})), "<HOOKLOG></HOOKLOG>");
}

TEST_F(MarketplaceTest, TwoAreThereFromTheStart) {
  const std::string pool = text_of(call("one.marketpool.info"));
  EXPECT_THAT(pool, HasSubstr("<NAME>OpenNebula Public</NAME><STATE>0</STATE>"));
  EXPECT_THAT(pool, HasSubstr("<NAME>Linux Containers</NAME><STATE>1</STATE>"));
}

TEST_F(MarketplaceTest, NeedsWhatItsDriverNeeds) {
  EXPECT_EQ(text_of(call("one.market.allocate", {"NAME=m\nMARKET_MAD=http"})),
            "[one.market.allocate] Error allocating a new marketplace. MarketPlace template is "
            "missing the \"BASE_URL\" attribute or it's empty.");
  EXPECT_EQ(
      id_of(call("one.market.allocate", {"NAME=m\nMARKET_MAD=http\nBASE_URL=u\nPUBLIC_DIR=d"})),
      100);
}

TEST_F(MarketplaceTest, KeepsAppsOfTemplatesUntilItIsDisabled) {
  const int market =
      id_of(call("one.market.allocate", {"NAME=m\nMARKET_MAD=http\nBASE_URL=u\nPUBLIC_DIR=d"}));
  const int app =
      id_of(call("one.marketapp.allocate", {"NAME=a\nORIGIN_ID=-1\nTYPE=VMTEMPLATE", market}));
  EXPECT_THAT(text_of(call("one.marketapp.info", {app})),
              HasSubstr("<STATE>1</STATE><TYPE>2</TYPE>"));
  EXPECT_EQ(code_of(call("one.market.delete", {market})), Code::action);
  EXPECT_FALSE(code_of(call("one.market.rename", {market, "n"})));
  EXPECT_THAT(text_of(call("one.marketapp.info", {app})),
              HasSubstr("<MARKETPLACE>n</MARKETPLACE>"));
  EXPECT_FALSE(code_of(call("one.market.enable", {market, false})));
  EXPECT_EQ(code_of(call("one.marketapp.info", {app})), Code::no_exists);
}

TEST_F(MarketplaceTest, AnImageThatCannotBePublishedLeavesNoApp) {
  const int market =
      id_of(call("one.market.allocate", {"NAME=m\nMARKET_MAD=http\nBASE_URL=u\nPUBLIC_DIR=d"}));
  EXPECT_EQ(code_of(call("one.marketapp.allocate", {"NAME=a\nORIGIN_ID=9", market})),
            Code::no_exists);
  EXPECT_EQ(text_of(call("one.marketapppool.info", {-2, -1, -1})),
            "<MARKETPLACEAPP_POOL></MARKETPLACEAPP_POOL>");
}

TEST_F(BackupJobTest, AVmIsInOneJobOnly) {
  call("one.vm.allocate", {"CPU=1\nMEMORY=128", true});
  const int job = id_of(call("one.backupjob.allocate", {"NAME=j\nBACKUP_VMS=0"}));
  EXPECT_THAT(text_of(call("one.vm.info", {0})), HasSubstr("<BACKUP_JOB_ID><![CDATA[0]]>"));
  EXPECT_EQ(code_of(call("one.backupjob.allocate", {"NAME=k\nBACKUP_VMS=0"})), Code::internal);
  EXPECT_FALSE(code_of(call("one.backupjob.update", {job, "BACKUP_VMS=\"\"", 1})));
  EXPECT_THAT(text_of(call("one.vm.info", {0})), HasSubstr("<BACKUP_CONFIG/>"));
}

TEST_F(BackupJobTest, ItsActionsStandInItsTemplate) {
  const int job =
      id_of(call("one.backupjob.allocate", {"NAME=j\nSCHED_ACTION=[TIME=9,REPEAT=3,DAYS=2]"}));
  EXPECT_THAT(text_of(call("one.backupjob.info", {job})),
              HasSubstr("<SCHED_ACTION><ID>0</ID><PARENT_ID>0</PARENT_ID><TYPE>BACKUPJOB</TYPE>"
                        "<ACTION>backup</ACTION>"));
  EXPECT_EQ(code_of(call("one.backupjob.schedadd", {job, "SCHED_ACTION=[TIME=x]"})), Code::action);
  EXPECT_EQ(id_of(call("one.backupjob.schedadd", {job, "SCHED_ACTION=[TIME=10]"})), 1);
  EXPECT_FALSE(code_of(call("one.backupjob.scheddelete", {job, 0})));
  EXPECT_EQ(code_of(call("one.backupjob.scheddelete", {job, 0})), Code::no_exists);
}

TEST_F(BackupJobTest, SaysThatNoBackupIsMade) {
  call("one.vm.allocate", {"CPU=1\nMEMORY=128", true});
  const int job = id_of(call("one.backupjob.allocate", {"NAME=j\nBACKUP_VMS=0"}));
  EXPECT_EQ(code_of(call("one.backupjob.backup", {job})), Code::action);
  EXPECT_THAT(text_of(call("one.backupjob.info", {job})),
              HasSubstr("<OUTDATED_VMS></OUTDATED_VMS>"));
}

TEST_F(BackupJobTest, HighPrioritiesAreForAdmins) {
  new_user("ann");
  session = "ann:pw";
  EXPECT_EQ(code_of(call("one.backupjob.allocate", {"NAME=j\nPRIORITY=80"})), Code::authorization);
  const int job = id_of(call("one.backupjob.allocate", {"NAME=j\nPRIORITY=10"}));
  EXPECT_EQ(id_of(call("one.backupjob.priority", {job, 49})), job);
  EXPECT_EQ(code_of(call("one.backupjob.priority", {job, 50})), Code::authorization);
  EXPECT_EQ(code_of(call("one.backupjob.priority", {job, 100})), Code::action);
}

TEST_F(PlanTest, ThereNeverIsOne) {
  EXPECT_EQ(code_of(call("one.cluster.optimize", {0})), Code::action);
  EXPECT_EQ(text_of(call("one.cluster.plandelete", {0})),
            "[one.cluster.plandelete] Plan for cluster 0 does not exist");
  EXPECT_EQ(code_of(call("one.cluster.planexecute", {9})), Code::no_exists);
}

}  // namespace
}  // namespace nubo
