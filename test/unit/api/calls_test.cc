// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <set>

#include "model/leases.h"
#include "unit/api/api_fixture.h"

namespace nubo {
namespace {

using api::Array;
using api::Fault;
using api::FaultCode;
using api::Value;
using test::ApiTest;
using ::testing::HasSubstr;
using ::testing::Not;

using BootstrapTest = ApiTest;
using DispatchTest = ApiTest;
using ObjectsTest = ApiTest;

// --- bootstrap ----------------------------------------------------------------------------------

TEST_F(BootstrapTest, MakesTheFirstObjects) {
  const auto state = writer->snapshot();
  EXPECT_EQ(state->find<User>(UserId{0})->name, "oneadmin");
  EXPECT_EQ(state->find<User>(UserId{1})->auth_driver, "server_cipher");
  EXPECT_EQ(state->find<Group>(GroupId{0})->users, (IdSet<UserTag>{UserId{0}, UserId{1}}));
  EXPECT_EQ(state->find<Cluster>(ClusterId{0})->datastores.size(), 3U);
  EXPECT_EQ(state->find<Datastore>(DatastoreId{0})->attributes.get("SHARED"), "NO");
  EXPECT_EQ(state->find<Datastore>(DatastoreId{2})->kind, DatastoreType::file);
  EXPECT_EQ(state->find<SecurityGroup>(SecurityGroupId{0})->attributes.vectors("RULE").size(), 2U);
  EXPECT_FALSE(api::needs_bootstrap(*state));
}

TEST_F(BootstrapTest, MakesTheFirstRules) {
  std::vector<std::string> rules;
  writer->snapshot()->pool<AclRule>().for_each(
      [&](const Entry<AclRule>& entry) { rules.push_back(entry.object.to_string()); });
  EXPECT_EQ(rules, (std::vector<std::string>{
                       "@1 VM+IMAGE+TEMPLATE+DOCUMENT+SECGROUP+VMGROUP+BACKUPJOB/* CREATE *",
                       "* ZONE/* USE *", "* MARKETPLACE+MARKETPLACEAPP/* USE *",
                       "@1 HOST/* MANAGE #0", "@1 NET/* USE #0", "@1 DATASTORE/* USE #0"}));
}

TEST_F(BootstrapTest, OwnIdsBeginBehindTheReservedOnes) {
  EXPECT_EQ(new_user("ann"), 2);
  EXPECT_EQ(id_of(call("one.group.allocate", {"g"})), 100);
  EXPECT_EQ(id_of(call("one.cluster.allocate", {"c"})), 100);
  EXPECT_EQ(id_of(call("one.host.allocate", {"h1", "dummy", "dummy", -1})), 0);
}

// --- the path of a call -------------------------------------------------------------------------

TEST_F(DispatchTest, EveryCallAsksForALogin) {
  for (const api::MethodInfo& method : service.methods) {
    const api::Reply reply = reply_to(method.name, {Value("oneadmin:wrong")});
    EXPECT_EQ(code_of(reply), Code::authentication) << method.name;
    const auto* fault = std::get_if<Fault>(&reply);
    EXPECT_FALSE(fault) << method.name;
  }
}

TEST_F(DispatchTest, EveryCallChecksItsParameters) {
  for (const api::MethodInfo& method : service.methods) {
    if (method.signature.size() < 3) continue;
    std::vector<Value> wrong(method.signature.size() - 2, Value(1.5));
    const api::Reply reply = call(method.name, wrong);
    const auto* fault = std::get_if<Fault>(&reply);
    ASSERT_TRUE(fault) << method.name;
    EXPECT_EQ(fault->code, FaultCode::type) << method.name;
  }
}

TEST_F(DispatchTest, EveryCallOnAnObjectNamesOneThatIsMissing) {
  for (const api::MethodInfo& method : service.methods) {
    if (!method.help.starts_with("session, id")) continue;
    const std::set<std::string> others{"one.acl.delrule",  "one.group.quota",  // own texts
                                       "one.vn.reserve",   "one.zone.enable",  // judge the request
                                       "one.vm.attach",    "one.vm.attachnic",
                                       "one.vm.attachpci", "one.vmpool.infoset"};
    if (others.contains(method.name)) continue;
    std::vector<Value> params;
    for (std::size_t place = 2; place < method.signature.size(); ++place) {
      const std::string& type = method.signature[place];
      params.push_back(place == 2          ? Value(99999)
                       : type == "int"     ? Value(1)
                       : type == "boolean" ? Value(false)
                                           : Value("A=[B=1]"));
    }
    const api::Reply reply = call(method.name, params);
    EXPECT_EQ(code_of(reply), Code::no_exists) << method.name << ": " << text_of(reply);
  }
}

TEST_F(DispatchTest, FaultsNameTheTypeThatIsWanted) {
  EXPECT_EQ(text_of(call("one.vm.info", {"1"})), "Parameter that is supposed to be integer is not");
  EXPECT_EQ(text_of(call("one.vm.info")), "Not enough parameters");
  EXPECT_EQ(text_of(call("one.vm.action", {1, "hold"})),
            "Parameter that is supposed to be integer is not");
  EXPECT_EQ(text_of(call("one.vmpool.infoset", {1})), "Not enough parameters");
  EXPECT_EQ(text_of(call("one.nothing")), "Method 'one.nothing' not defined");
  EXPECT_TRUE(std::get_if<Fault>(&static_cast<const api::Reply&>(reply_to("one.vm.info", {}))));
}

TEST_F(DispatchTest, MessagesBeginWithTheMethod) {
  EXPECT_EQ(text_of(call("one.vm.info", {9})), "[one.vm.info] Error getting virtual machine [9].");
}

// --- users and groups ---------------------------------------------------------------------------

TEST_F(ObjectsTest, AUserActsWithHisOwnRights) {
  const int ann = new_user("ann");
  session = "ann:pw";
  EXPECT_THAT(text_of(call("one.user.info", {-1})), HasSubstr("<NAME>ann</NAME>"));
  EXPECT_EQ(
      text_of(call("one.user.info", {0})),
      fmt::format("[one.user.info] User [{}] : Not authorized to perform USE USER [0].", ann));
  EXPECT_EQ(code_of(call("one.group.allocate", {"g"})), Code::authorization);
  EXPECT_GE(id_of(call("one.template.allocate", {"NAME=t"})), 0);
  EXPECT_THAT(text_of(call("one.userpool.info")), Not(HasSubstr("oneadmin</NAME>")));
}

TEST_F(ObjectsTest, LoginTokensOpenAndEnd) {
  new_user("ann");
  session = "ann:pw";
  const std::string token = text_of(call("one.user.login", {"ann", "", 60}));
  EXPECT_EQ(token.size(), 64U);
  session = "ann:" + token;
  EXPECT_FALSE(code_of(call("one.user.info", {-1})));
  clock.advance(EpochSeconds(60));
  EXPECT_EQ(code_of(call("one.user.info", {-1})), Code::authentication);
}

TEST_F(ObjectsTest, GroupsAndUsersKnowEachOther) {
  const int group = id_of(call("one.group.allocate", {"g"}));
  const int ann = id_of(call("one.user.allocate", {"ann", "pw", "", Array{Value(group)}}));
  EXPECT_EQ(text_of(call("one.group.delete", {group})),
            "[one.group.delete] Cannot delete group. Group 100 is not empty.");
  EXPECT_FALSE(code_of(call("one.group.addadmin", {group, ann})));
  const std::size_t rules = writer->snapshot()->pool<AclRule>().size();
  EXPECT_FALSE(code_of(call("one.user.delete", {ann})));
  EXPECT_EQ(writer->snapshot()->pool<AclRule>().size(), rules - 4);
  EXPECT_FALSE(code_of(call("one.group.delete", {group})));
  EXPECT_EQ(writer->snapshot()->find<Vdc>(VdcId{0})->groups, (IdSet<GroupTag>{GroupId{1}}));
}

// --- names, permissions, locks ------------------------------------------------------------------

TEST_F(ObjectsTest, NamesAreCheckedAndFreedAgain) {
  const int a = id_of(call("one.template.allocate", {"NAME=a"}));
  EXPECT_EQ(text_of(call("one.template.allocate", {"NAME=a"})),
            "[one.template.allocate] NAME is already taken by TEMPLATE 0.");
  EXPECT_EQ(code_of(call("one.template.rename", {a, "x;y"})), Code::action);
  EXPECT_FALSE(code_of(call("one.template.rename", {a, "b"})));
  EXPECT_EQ(id_of(call("one.template.allocate", {"NAME=a"})), 1);
}

TEST_F(ObjectsTest, UpdatesReplaceOrMerge) {
  const int id = id_of(call("one.template.allocate", {"NAME=t\nA=1\nB=2"}));
  EXPECT_FALSE(code_of(call("one.template.update", {id, "B=3", 1})));
  EXPECT_THAT(text_of(call("one.template.info", {id})),
              HasSubstr("<TEMPLATE><A><![CDATA[1]]></A><B><![CDATA[3]]></B></TEMPLATE>"));
  EXPECT_FALSE(code_of(call("one.template.update", {id, "C=4"})));
  EXPECT_THAT(text_of(call("one.template.info", {id})),
              HasSubstr("<TEMPLATE><C><![CDATA[4]]></C></TEMPLATE>"));
  EXPECT_EQ(code_of(call("one.template.update", {id, "C=4", 2})), Code::api);
}

TEST_F(ObjectsTest, OnlyAdminsChangeRestrictedAttributes) {
  const int ann = new_user("ann");
  session = "ann:pw";
  EXPECT_THAT(text_of(call("one.user.update", {ann, "VM_USE_OPERATIONS=hold", 1})),
              HasSubstr("includes a restricted attribute VM_USE_OPERATIONS"));
  session = "oneadmin:pw";
  EXPECT_FALSE(code_of(call("one.user.update", {ann, "VM_USE_OPERATIONS=hold", 1})));
  session = "ann:pw";
  EXPECT_FALSE(code_of(call("one.user.update", {ann, "A=1", 0})));
  EXPECT_THAT(text_of(call("one.user.info", {-1})), HasSubstr("VM_USE_OPERATIONS"));
}

TEST_F(ObjectsTest, ChownMovesAnObjectToAnotherOwner) {
  const int ann = new_user("ann");
  const int id = id_of(call("one.template.allocate", {"NAME=t"}));
  session = "ann:pw";
  EXPECT_EQ(code_of(call("one.template.info", {id})), Code::authorization);
  session = "oneadmin:pw";
  EXPECT_FALSE(code_of(call("one.template.chown", {id, ann, 1})));
  session = "ann:pw";
  EXPECT_THAT(text_of(call("one.template.info", {id})), HasSubstr("<UNAME>ann</UNAME>"));
}

TEST_F(ObjectsTest, ALockStopsChangesUntilItIsTakenOff) {
  const int id = id_of(call("one.template.allocate", {"NAME=t"}));
  EXPECT_FALSE(code_of(call("one.template.lock", {id, 2})));
  EXPECT_EQ(text_of(call("one.template.rename", {id, "u"})),
            "[one.template.rename] User [0] : TEMPLATE is locked. [0].");
  EXPECT_FALSE(code_of(call("one.template.unlock", {id})));
  EXPECT_FALSE(code_of(call("one.template.rename", {id, "u"})));
}

TEST_F(ObjectsTest, PoolsComeInPages) {
  for (int i = 0; i < 5; ++i) call("one.template.allocate", {fmt::format("NAME=t{}", i)});
  const std::string page = text_of(call("one.templatepool.info", {-2, 1, -2}));
  EXPECT_THAT(page, HasSubstr("<NAME>t3</NAME>"));
  EXPECT_THAT(page, HasSubstr("<NAME>t2</NAME>"));
  EXPECT_THAT(page, Not(HasSubstr("<NAME>t4</NAME>")));
  EXPECT_EQ(text_of(call("one.templatepool.info", {-2, 9, -2})),
            "<VMTEMPLATE_POOL></VMTEMPLATE_POOL>");
  EXPECT_THAT(text_of(call("one.templatepool.info", {-2, 4, 4})), HasSubstr("<ID>4</ID>"));
}

// --- hosts, clusters, datastores ----------------------------------------------------------------

TEST_F(ObjectsTest, HostsMoveBetweenClusters) {
  const int host = id_of(call("one.host.allocate", {"node1", "kvm", "kvm", -1}));
  const int cluster = id_of(call("one.cluster.allocate", {"c"}));
  EXPECT_FALSE(code_of(call("one.cluster.addhost", {cluster, host})));
  EXPECT_THAT(text_of(call("one.host.info", {host})), HasSubstr("<CLUSTER>c</CLUSTER>"));
  EXPECT_EQ(text_of(call("one.cluster.delete", {cluster})),
            "[one.cluster.delete] Cannot delete cluster. Cluster 100 is not empty, it contains 1 "
            "hosts.");
  EXPECT_FALSE(code_of(call("one.host.delete", {host})));
  EXPECT_FALSE(code_of(call("one.cluster.delete", {cluster})));
}

TEST_F(ObjectsTest, DatastoresTakeWhatTheirDriversSay) {
  const int id =
      id_of(call("one.datastore.allocate", {"NAME=d\nTYPE=SYSTEM_DS\nTM_MAD=dummy", -1}));
  EXPECT_THAT(text_of(call("one.datastore.info", {id})),
              HasSubstr("<SHARED><![CDATA[YES]]></SHARED>"));
  EXPECT_THAT(text_of(call("one.datastore.allocate", {"NAME=e\nTM_MAD=dummy\nDS_MAD=ceph", -1})),
              HasSubstr("missing the \"DISK_TYPE\""));
}

// --- images and networks ------------------------------------------------------------------------

TEST_F(ObjectsTest, AnImageIsLockedUntilItsDriverIsDone) {
  (void)writer->apply_now({"room", [](Draft& draft) -> Status {
                             (*draft.edit<Datastore>(DatastoreId{1}))->free_mb = 2000;
                             return ok();
                           }});
  const int id = id_of(call("one.image.allocate", {"NAME=i\nPATH=/x", 1}));
  const auto state = writer->snapshot();
  const auto image = state->find<Image>(ImageId{id});
  EXPECT_EQ(image->state, ImageState::locked);
  EXPECT_EQ(image->size_mb, 1024);
  ASSERT_EQ(state->pool<Effect>().size(), 1U);
  EXPECT_EQ(state->find<Effect>(EffectId{0})->operation, "ds.cp");
  EXPECT_EQ(text_of(call("one.image.allocate", {"NAME=j\nSIZE=9999", 1})),
            "[one.image.allocate] Not enough space in datastore");
  EXPECT_EQ(code_of(call("one.image.delete", {id})), Code::internal);
  EXPECT_FALSE(code_of(call("one.image.delete", {id, true})));
}

TEST_F(ObjectsTest, ANetworkIsReadyAtOnceAndShowsItsLeases) {
  const int id =
      id_of(call("one.vn.allocate",
                 {"NAME=n\nVN_MAD=dummy\nBRIDGE=br0\nAR=[TYPE=IP4,IP=10.0.0.1,SIZE=3]", -1}));
  EXPECT_FALSE(code_of(call("one.vn.hold", {id, "LEASES=[IP=10.0.0.2]"})));
  const std::string document = text_of(call("one.vn.info", {id}));
  EXPECT_THAT(document, HasSubstr("<STATE><![CDATA[1]]></STATE>"));
  EXPECT_THAT(document, HasSubstr("<IP_END><![CDATA[10.0.0.3]]></IP_END>"));
  EXPECT_THAT(document, HasSubstr("<IP><![CDATA[10.0.0.2]]></IP>"));
  EXPECT_EQ(text_of(call("one.vn.delete", {id})),
            "[one.vn.delete] Cannot delete virtual network. Can not remove a virtual network with "
            "leases in use");
  EXPECT_FALSE(code_of(call("one.vn.release", {id, "LEASES=[IP=10.0.0.2]"})));
  EXPECT_FALSE(code_of(call("one.vn.delete", {id})));
}

TEST_F(ObjectsTest, AWrongAddressRangeShowsInTheNetwork) {
  const int id =
      id_of(call("one.vn.allocate", {"NAME=n\nVN_MAD=bridge\nAR=[TYPE=IP4,IP=x,SIZE=3]", -1}));
  EXPECT_EQ(writer->snapshot()->find<VirtualNetwork>(VirtualNetworkId{id})->state,
            NetworkState::error);
}

TEST_F(ObjectsTest, RulesAreCheckedAndNotRepeated) {
  EXPECT_GE(id_of(call("one.acl.addrule", {"100000002", "8400000000", "1"})), 6);
  EXPECT_EQ(text_of(call("one.acl.addrule", {"100000002", "8400000000", "1"})),
            "[one.acl.addrule] Rule #2 IMAGE/* USE #0 already exists");
  EXPECT_THAT(text_of(call("one.acl.addrule", {"0", "8400000000", "0"})),
              HasSubstr("wrong [rights], it cannot be 0"));
}

}  // namespace
}  // namespace nubo
