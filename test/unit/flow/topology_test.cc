// SPDX-License-Identifier: Apache-2.0
#include "flow/topology.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

struct Case {
  const char* given;
  const char* outcome;  // SOCKETS x CORES x THREADS, number of nodes; or the refusal
};

std::string outcome_of(const char* given) {
  Template attributes = *parse_template(std::string("CPU=1\nMEMORY=1024\n") + given);
  const Status settled = settle_topology(attributes);
  if (!settled) return settled.error().message;
  const Vector* topology = attributes.vector("TOPOLOGY");
  if (!topology) return "none";
  return fmt::format("{}x{}x{} {} {}", topology->get("SOCKETS"), topology->get("CORES"),
                     topology->get("THREADS"), topology->get("PIN_POLICY"),
                     attributes.vectors("NUMA_NODE").size());
}

TEST(Topology, FollowsFromWhatIsGiven) {
  constexpr Case cases[]{
      {"", "none"},
      {"TOPOLOGY=[PIN_POLICY=NONE]", "1x1x1 NONE 0"},
      {"VCPU=4\nTOPOLOGY=[SOCKETS=2,CORES=2,THREADS=1]", "2x2x1 NONE 0"},
      {"VCPU=4\nTOPOLOGY=[HUGEPAGE_SIZE=2]", "1x4x1 NONE 1"},
      {"TOPOLOGY=[SOCKETS=2,CORES=2]",
       "Non-pinned VMs with a virtual topology needs to set  SOCKETS, CORES and THREADS numbers."},
      {"VCPU=3\nTOPOLOGY=[SOCKETS=2,CORES=2,THREADS=1]",
       "Total threads per core and socket needs to match VCPU"},
      {"VCPU=4\nTOPOLOGY=[PIN_POLICY=THREAD,SOCKETS=2]", "2xx THREAD 2"},
      {"VCPU=8\nTOPOLOGY=[PIN_POLICY=core,SOCKETS=2,CORES=2]", "2x2x2 CORE 2"},
      {"VCPU=2\nTOPOLOGY=[PIN_POLICY=CORE]\nNUMA_NODE=[MEMORY=512,TOTAL_CPUS=1]"
       "NUMA_NODE=[MEMORY=512,TOTAL_CPUS=1]",
       "2xx CORE 2"},
      {"VCPU=2\nTOPOLOGY=[PIN_POLICY=CORE]\nNUMA_NODE=[MEMORY=512,TOTAL_CPUS=2]",
       "The MEMORY of all NUMA_NODEs needs to add up to MEMORY"},
  };
  for (const Case& each : cases) EXPECT_EQ(outcome_of(each.given), each.outcome) << each.given;
}

TEST(Topology, PinnedGuestsOwnTheirCores) {
  Template attributes = *parse_template("CPU=0.5\nVCPU=2\nMEMORY=64\nTOPOLOGY=[PIN_POLICY=CORE]");
  EXPECT_TRUE(settle_topology(attributes));
  EXPECT_EQ(attributes.get("CPU"), "2");
  EXPECT_EQ(attributes.vector("NUMA_NODE")->get("MEMORY"), "65536");
}

}  // namespace
}  // namespace nubo
