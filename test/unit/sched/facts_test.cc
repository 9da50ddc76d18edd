// SPDX-License-Identifier: Apache-2.0
#include "sched/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nubo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HostFacts : public ::testing::Test {
 protected:
  HostFacts() {
    host.id = HostId{4};
    host.name = "node4";
    host.vms = {VmId{7}, VmId{9}};
    host.share.max_cpu = 800;
    host.share.cpu_usage = 250;
    host.share.datastores = *parse_template("FREE_DISK=500 DS=[ID=0,FREE_MB=11] DS=[ID=100,FREE_MB=22]");
    host.attributes = *parse_template("ARCH=x86_64 LABEL=a LABEL=b NAME=other");
    cluster.attributes = *parse_template("ZONE=north ARCH=arm");
  }

  std::vector<std::string> ask(const std::string& path) { return host_facts(host, &cluster)(path); }

  Host host;
  Cluster cluster;
};

TEST_F(HostFacts, OwnElementsComeBeforeAttributes) {
  EXPECT_THAT(ask("NAME"), ElementsAre("node4"));
  EXPECT_THAT(ask("TEMPLATE/NAME"), ElementsAre("other"));
  EXPECT_THAT(ask("/HOST/ID"), ElementsAre("4"));
}

TEST_F(HostFacts, ListsAllValuesOfAName) { EXPECT_THAT(ask("LABEL"), ElementsAre("a", "b")); }

TEST_F(HostFacts, CurrentVmsAreTheMachinesOnIt) {
  EXPECT_THAT(ask("CURRENT_VMS"), ElementsAre("7", "9"));
  host.vms.clear();
  EXPECT_THAT(ask("CURRENT_VMS"), IsEmpty());
}

TEST_F(HostFacts, FreeCapacityIsWhatIsNotCharged) {
  EXPECT_THAT(ask("FREE_CPU"), ElementsAre("550"));
  EXPECT_THAT(ask("HOST_SHARE/MAX_CPU"), ElementsAre("800"));
}

TEST_F(HostFacts, KnowsLocalDatastores) {
  EXPECT_THAT(ask("FREE_DISK"), ElementsAre("500"));
  EXPECT_THAT(ask("HOST_SHARE/DATASTORES/DS/FREE_MB"), ElementsAre("11", "22"));
}

TEST_F(HostFacts, TheClustersAttributesComeLast) {
  EXPECT_THAT(ask("ZONE"), ElementsAre("north"));
  EXPECT_THAT(ask("CLUSTER_TEMPLATE/ZONE"), ElementsAre("north"));
  EXPECT_THAT(ask("ARCH"), ElementsAre("x86_64"));
}

TEST(DatastoreFacts, AnswerForClustersAndAttributes) {
  Datastore store;
  store.id = DatastoreId{3};
  store.clusters = {ClusterId{0}, ClusterId{2}};
  store.free_mb = 77;
  store.attributes = *parse_template("TIER=gold");
  const Facts facts = datastore_facts(store);
  EXPECT_THAT(facts("CLUSTERS/ID"), ElementsAre("0", "2"));
  EXPECT_THAT(facts("FREE_MB"), ElementsAre("77"));
  EXPECT_THAT(facts("TIER"), ElementsAre("gold"));
  EXPECT_THAT(facts("TEMPLATE/TIER"), ElementsAre("gold"));
}

}  // namespace
}  // namespace nubo
