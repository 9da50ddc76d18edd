// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/node_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nubo::kvm {
namespace {

using testing::HasSubstr;

constexpr std::string_view facts = R"(
@@meminfo
MemTotal:        1000 kB
MemFree:          100 kB
MemAvailable:     400 kB
@@stat
cpu  100 0 100 700 100 0 0 0 50 0
cpu0 50 0 50 350 50 0 0 0 0 0
cpu1 50 0 50 350 50 0 0 0 0 0
@@net
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
    lo: 9 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0
  eth0: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0
one-1-0: 500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0
  eth1: 1 1 0 0 0 0 0 0 2 1 0 0 0 0 0 0
@@arch
x86_64
@@hostname
node1
@@model
A CPU @ 2.4GHz
@@speed
2400.123
@@cgroups
2
)";

TEST(NodeFacts, NamesWhatTheNodeIs) {
  Template host;
  add_static_facts(parse_sections(facts), host);
  EXPECT_EQ(host.get("ARCH"), "x86_64");
  EXPECT_EQ(host.get("MODELNAME"), "A CPU @ 2.4GHz");
  EXPECT_EQ(host.get("CPUSPEED"), "2400");
  EXPECT_EQ(host.get("HOSTNAME"), "node1");
  EXPECT_EQ(host.get("CGROUPS_VERSION"), "2");
  EXPECT_EQ(host.get("TOTALCPU"), "200");
  EXPECT_EQ(host.get("TOTALMEMORY"), "1000");
}

TEST(NodeFacts, CountsLoadSinceTheLastReading) {
  Template load;
  add_load(parse_sections(facts), {.all = 600, .idle = 500}, load);
  EXPECT_EQ(load.get("FREECPU"), "150");  // 300 of 400 ticks idle, of 200
  EXPECT_EQ(load.get("USEDCPU"), "50");
  EXPECT_EQ(load.get("FREEMEMORY"), "400");
  EXPECT_EQ(load.get("USEDMEMORY"), "600");
}

TEST(NodeFacts, CountsTrafficOfCardsOnly) {
  Template load;
  add_load(parse_sections(facts), {}, load);
  EXPECT_EQ(load.get("NETRX"), "11");
  EXPECT_EQ(load.get("NETTX"), "22");
}

TEST(NodeFacts, SurvivesGarbage) {
  Template host;
  const Sections sections = parse_sections("@@stat\ncpu x y\n@@meminfo\nMemTotal: \n@@net\nx:\n");
  add_static_facts(sections, host);
  add_load(sections, parse_ticks(sections), host);
  EXPECT_EQ(host.get("TOTALCPU"), "0");
  EXPECT_EQ(host.get("TOTALMEMORY"), "0");
}

TEST(NodeFacts, TellsTheRoomOfEachDatastore) {
  Template host;
  add_room(". 100 40 60\n0 100 40 60\n100 7 3 4\nlost+found 1 1 1\n1 x y z\n", host);
  EXPECT_EQ(host.get("DS_LOCATION_TOTAL_MB"), "100");
  EXPECT_EQ(host.get("DS_LOCATION_USED_MB"), "40");
  EXPECT_EQ(host.get("DS_LOCATION_FREE_MB"), "60");
  ASSERT_EQ(host.vectors("DS").size(), 2U);
  EXPECT_EQ(*host.vectors("DS")[1],
            (Vector{{"ID", "100"}, {"TOTAL_MB", "7"}, {"USED_MB", "3"}, {"FREE_MB", "4"}}));
}

TEST(NodeFacts, QuotesTheDatastoresPath) {
  EXPECT_THAT(room_script("/a'b; rm -rf /"), HasSubstr("cd '/a'\\''b; rm -rf /' "));
}

constexpr std::string_view capabilities = R"(<capabilities><host><cpu><arch>x86_64</arch></cpu>
<topology><cells><cell id='0'><memory unit='KiB'>500</memory>
<pages unit='KiB' size='4'>125</pages><pages unit='KiB' size='2048'>8</pages>
<distances><sibling id='0' value='10'/><sibling id='1' value='21'/></distances>
<cpus><cpu id='0' core_id='0'/><cpu id='1' core_id='1'/><cpu id='2' core_id='0'/></cpus>
</cell></cells></topology></host>
<guest><arch name='i686'><machine>isapc</machine><domain type='kvm'/></arch></guest>
<guest><arch name='x86_64'><machine canonical='pc-i440fx-7.2'>pc</machine><machine>q35</machine>
<domain type='qemu'/><domain type='kvm'/></arch></guest></capabilities>)";

TEST(NodeFacts, ReadsMachinesAndTopologyFromLibvirt) {
  Template host;
  ASSERT_TRUE(add_capabilities(capabilities, "kvm", host));
  EXPECT_EQ(host.get("KVM_MACHINES"), "pc q35");
  ASSERT_EQ(host.vectors("CORE").size(), 2U);
  EXPECT_EQ(host.vectors("CORE")[0]->get("CPUS"), "0,2");
  EXPECT_EQ(host.vector("MEMORY_NODE")->get("DISTANCE"), "0 1");
  ASSERT_EQ(host.vectors("HUGEPAGE").size(), 1U);
  EXPECT_EQ(host.vector("HUGEPAGE")->get("PAGES"), "8");
}

TEST(NodeFacts, SaysWhenTheNodeHasNoKvm) {
  Template host;
  const Status read = add_capabilities(
      "<capabilities><host><cpu><arch>x86_64</arch></cpu></host><guest><arch name='x86_64'>"
      "<machine>q35</machine><domain type='qemu'/></arch></guest></capabilities>",
      "kvm", host);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("no guests of type kvm"));
}

TEST(NodeFacts, ListsProcessorModelsThatTheNodeCanRun) {
  Template host;
  add_processor_models(
      "<domainCapabilities><cpu><mode name='host-model'><model>EPYC</model>"
      "<feature policy='require' name='svm'/><feature policy='disable' name='x'/></mode>"
      "<mode name='custom'><model usable='yes'>qemu64</model><model usable='no'>Big</model></mode>"
      "</cpu></domainCapabilities>",
      host);
  EXPECT_EQ(host.get("KVM_CPU_MODEL"), "EPYC");
  EXPECT_EQ(host.get("KVM_CPU_MODELS"), "qemu64");
  EXPECT_EQ(host.get("KVM_CPU_FEATURES"), "svm");
}

}  // namespace
}  // namespace nubo::kvm
