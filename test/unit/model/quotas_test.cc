// SPDX-License-Identifier: Apache-2.0
#include "model/quotas.h"

#include <gtest/gtest.h>

#include "model/charges.h"

namespace nubo {
namespace {

const QuotaMetrics metrics;
using At = MetricPlaces;

Status limit(Quotas& quotas, const std::string& text, LimitsOf whom = LimitsOf::one_account) {
  NUBO_TRY(const Template given, parse_template(text));
  return set_limits(quotas, given, whom, metrics);
}

std::string error_of(const Status& status) { return status ? "" : status.error().message; }

std::string shown(const Quotas& quotas) {
  std::string document;
  XmlWriter out(document);
  write_fields(out, quotas, Form::shown);
  return document;
}

constexpr QuotaKey cpu{QuotaSection::vm, QuotaKey::all_clusters, At::cpu};
constexpr QuotaKey cpu_in_cluster{QuotaSection::vm, 7, At::cpu};
constexpr QuotaKey size_in_1{QuotaSection::datastore, 1, At::size};

Amount used(const Quotas& quotas, const char* metric) {
  return quotas.vm.entries.at(0).gauges.at(metric).used;
}

TEST(QuotaAmount, ShowsWholeNumbersPlainAndOthersWithTwoDigits) {
  EXPECT_EQ(amount_text(*parse_amount("1.5"), Form::shown), "1.50");
  EXPECT_EQ(amount_text(*parse_amount("0.1"), Form::shown), "0.10");
  EXPECT_EQ(amount_text(*parse_amount("10.1234"), Form::shown), "10.12");
  EXPECT_EQ(amount_text(*parse_amount("2.0"), Form::shown), "2");
  EXPECT_EQ(amount_text(*parse_amount("0.001"), Form::shown), "0.00");
  EXPECT_EQ(amount_text(*parse_amount("0.001"), Form::stored), "0.001000");
}

TEST(QuotaAmount, TakesNoOtherText) {
  EXPECT_FALSE(parse_amount("abc"));
  EXPECT_FALSE(parse_amount(""));
  EXPECT_FALSE(parse_amount("nan"));
  EXPECT_EQ(parse_amount("1e300"), parse_amount("999999999999999999"));
}

TEST(QuotaLimits, NameAnEntryAsAWhole) {
  Quotas quotas;
  ASSERT_TRUE(limit(quotas, "VM=[VMS=2,CPU=1.5]"));
  ASSERT_TRUE(limit(quotas, "VM=[CPU=3] NETWORK=[ID=0,LEASES=3]"));
  const auto& gauges = quotas.vm.entries.at(0).gauges;
  EXPECT_EQ(gauges.at("CPU").limit, 3 * one_unit);
  EXPECT_EQ(gauges.at("VMS").limit, limit_by_default);
  EXPECT_EQ(gauges.size(), 11U);
  EXPECT_EQ(quotas.network.entries.size(), 1U);
}

TEST(QuotaLimits, ThatLimitNothingLeaveNoEntry) {
  Quotas quotas;
  ASSERT_TRUE(limit(quotas, "DATASTORE=[ID=1,IMAGES=5]"));
  ASSERT_TRUE(limit(quotas, "DATASTORE=[ID=1,IMAGES=-1,SIZE=-1] NETWORK=[ID=3] VM=[VMS=abc]"));
  EXPECT_EQ(quotas, Quotas{});
}

TEST(QuotaLimits, RefuseBadValuesInTheWordsOfTheirVector) {
  Quotas quotas;
  EXPECT_EQ(error_of(limit(quotas, "VM=[VMS=-5]")),
            "Negative limits or bad format in quota VM = [ VMS=-5 ]");
  EXPECT_EQ(error_of(limit(quotas, "DATASTORE=[ID=x,IMAGES=5]")),
            "Negative limits or bad format in quota DATASTORE = [ ID=x,IMAGES=5 ]");
  EXPECT_EQ(error_of(limit(quotas, "IMAGE=[RVMS=1]")),
            "Negative limits or bad format in quota IMAGE = [ RVMS=1 ]");
}

TEST(QuotaLimits, OfEverybodyHaveNoDefaultAndOneVmEntry) {
  Quotas quotas;
  const auto defaults = LimitsOf::everybody;
  EXPECT_EQ(error_of(limit(quotas, "VM=[VMS=-1]", defaults)),
            "Negative limits or bad format in quota VM = [ VMS=-1 ]");
  EXPECT_EQ(error_of(limit(quotas, "VM=[VMS=1] VM=[VMS=2]", defaults)),
            "Only one default VM quota can be defined");
  EXPECT_EQ(error_of(limit(quotas, "VM=[CLUSTER_IDS=\"0\",VMS=1]", defaults)),
            "CLUSTER_IDS attribute is not allowed for default VM quota");
  Quotas good;
  ASSERT_TRUE(limit(good, "VM=[VMS=6]", defaults));
  EXPECT_EQ(good.vm.entries.at(0).gauges.at("CPU").limit, unlimited);
  ASSERT_TRUE(limit(good, "VM=[VMS=-2]", defaults));
  EXPECT_EQ(good, Quotas{});
}

TEST(QuotaLimits, OfClustersInheritNothingAndDoNotOverlap) {
  Quotas quotas;
  ASSERT_TRUE(limit(quotas, "VM=[CLUSTER_IDS=\"7,3,7\",VMS=4]"));
  EXPECT_EQ(quotas.vm.entries.at(0).gauges.at("CPU").limit, unlimited);
  EXPECT_NE(shown(quotas).find("<CLUSTER_IDS><![CDATA[3,7]]></CLUSTER_IDS>"), std::string::npos);
  EXPECT_FALSE(limit(quotas, "VM=[CLUSTER_IDS=\"3\",VMS=4]"));
  EXPECT_FALSE(limit(quotas, "VM=[CLUSTER_IDS=\"x\",VMS=4]"));
  ASSERT_TRUE(limit(quotas, "VM=[CLUSTER_IDS=\"3,7\",VMS=-1]"));
  EXPECT_TRUE(quotas.vm.entries.empty());
}

TEST(QuotaTest, RefusesWhatIsAboveTheLimit) {
  Quotas quotas;
  ASSERT_TRUE(limit(quotas, "VM=[CPU=2] DATASTORE=[ID=1,SIZE=201]"));
  post(quotas, cpu, 3 * one_unit / 2, metrics);
  EXPECT_EQ(refusal(quotas, {}, cpu, one_unit / 2, metrics), "");
  EXPECT_EQ(refusal(quotas, {}, cpu, one_unit / 2 + 1, metrics),
            "limit of 2 reached for CPU quota in VM");
  EXPECT_EQ(refusal(quotas, {}, size_in_1, 202 * one_unit, metrics),
            "limit of 201 reached for SIZE quota in DATASTORE with ID: 1");
}

TEST(QuotaTest, FallsBackToTheLimitOfEverybody) {
  Quotas quotas;
  Quotas defaults;
  ASSERT_TRUE(limit(defaults, "VM=[CPU=1]", LimitsOf::everybody));
  EXPECT_NE(refusal(quotas, defaults, cpu, 2 * one_unit, metrics), "");
  ASSERT_TRUE(limit(quotas, "VM=[CPU=-2]"));
  EXPECT_EQ(refusal(quotas, defaults, cpu, 2 * one_unit, metrics), "");
  ASSERT_TRUE(limit(quotas, "VM=[CPU=3]"));
  EXPECT_EQ(refusal(quotas, defaults, cpu, 2 * one_unit, metrics), "");
}

TEST(QuotaUse, MakesItsEntryAndTakesItAway) {
  Quotas quotas;
  post(quotas, cpu, one_unit / 3, metrics);
  EXPECT_EQ(used(quotas, "CPU"), 333'333);
  post(quotas, cpu_in_cluster, one_unit, metrics);  // no entry is for that cluster
  EXPECT_EQ(quotas.vm.entries.size(), 1U);
  post(quotas, cpu, -(one_unit / 3), metrics);
  EXPECT_EQ(quotas, Quotas{});
}

TEST(QuotaUse, CountsInTheEntryOfTheCluster) {
  Quotas quotas;
  ASSERT_TRUE(limit(quotas, "VM=[CLUSTER_IDS=\"3,7\",CPU=4]"));
  post(quotas, cpu_in_cluster, 3 * one_unit, metrics);
  EXPECT_EQ(used(quotas, "CPU"), 3 * one_unit);
  EXPECT_EQ(refusal(quotas, {}, cpu_in_cluster, 2 * one_unit, metrics),
            "limit of 4 reached for CPU quota in VM with ID: 3,7");
}

TEST(QuotaUse, SurvivesBeingStored) {
  Quotas quotas;
  ASSERT_TRUE(limit(quotas, "VM=[CLUSTER_IDS=\"3\",CPU=4] VM=[VMS=7] IMAGE=[ID=2,RVMS=-2]"));
  post(quotas, cpu, one_unit / 3, metrics);
  const std::string stored = to_xml("QUOTAS", quotas, Form::stored);
  Quotas read;
  read_fields(XmlDocument::parse(stored)->root(), read);
  EXPECT_EQ(read, quotas);
}

TEST(QuotaMetricNames, FollowTheConfiguration) {
  const QuotaMetrics generic({"GPUS"});
  Quotas quotas;
  ASSERT_TRUE(
      set_limits(quotas, *parse_template("VM=[RUNNING_GPUS=2]"), LimitsOf::one_account, generic));
  EXPECT_EQ(quotas.vm.entries.at(0).gauges.at("RUNNING_GPUS").limit, 2 * one_unit);
  Vm vm;
  vm.state = VmState::poweroff;
  vm.user.set("GPUS", "3");
  const Bill bill = bill_of(vm, generic);
  const auto amount = [&](int place) {
    const auto found = bill.items.find({QuotaSection::vm, QuotaKey::all_clusters, place});
    return found == bill.items.end() ? 0 : found->second;
  };
  EXPECT_EQ(amount(At::first_generic), 3 * one_unit);
  EXPECT_EQ(amount(At::first_generic + 1), 0);
}

// --- bills --------------------------------------------------------------------------------------

Vm a_vm(VmState state, LcmState lcm = LcmState::lcm_init) {
  Vm vm;
  vm.uid = UserId{5};
  vm.state = state;
  vm.lcm_state = lcm;
  vm.system = *parse_template(
      "CPU=0.5 MEMORY=256 DISK=[TYPE=fs,SIZE=100] "
      "DISK=[IMAGE_ID=4,CLONE=YES,CLONE_TARGET=SYSTEM,SIZE=50,DISK_SNAPSHOT_TOTAL_SIZE=20] "
      "DISK=[IMAGE_ID=4,CLONE=YES,CLONE_TARGET=SELF,SIZE=30,DATASTORE_ID=1] "
      "DISK=[IMAGE_ID=6,CLONE=NO,LN_TARGET=NONE,CLONE_TARGET=SYSTEM,SIZE=70,DATASTORE_ID=1] "
      "NIC=[NETWORK_ID=2] NIC=[NETWORK_ID=2] NIC=[NETWORK_MODE=auto] PCI=[TYPE=NIC] PCI=[CLASS=a] "
      "SNAPSHOT=[SYSTEM_DISK_SIZE=9]");
  return vm;
}

std::map<std::string, Amount> items(const Vm& vm, int cluster = QuotaKey::all_clusters) {
  std::map<std::string, Amount> found;
  for (const auto& [key, amount] : bill_of(vm, metrics).items) {
    const std::string& name = metrics.of(key.section).at(static_cast<std::size_t>(key.metric));
    const bool is_vm = key.section == QuotaSection::vm;
    if (is_vm && key.id != cluster) continue;
    found[is_vm ? name : fmt::format("{} {}", name, key.id)] = amount / (one_unit / 10);
  }
  return found;
}

TEST(Bill, OfARunningVm) {
  const std::map<std::string, Amount> expected{{"VMS", 10},
                                               {"RUNNING_VMS", 10},
                                               {"CPU", 5},
                                               {"RUNNING_CPU", 5},
                                               {"MEMORY", 2560},
                                               {"RUNNING_MEMORY", 2560},
                                               {"PCI_DEV", 10},
                                               {"RUNNING_PCI_DEV", 10},
                                               {"PCI_NIC", 10},
                                               {"RUNNING_PCI_NIC", 10},
                                               {"SYSTEM_DISK_SIZE", 1790},
                                               {"LEASES 2", 20},
                                               {"RVMS 4", 20},
                                               {"RVMS 6", 10},
                                               {"SIZE 1", 300}};
  EXPECT_EQ(items(a_vm(VmState::active, LcmState::running)), expected);
}

TEST(Bill, OfAVmThatIsOffHasNoRunningItems) {
  const auto off = items(a_vm(VmState::poweroff));
  EXPECT_EQ(off.at("CPU"), 5);
  EXPECT_FALSE(off.contains("RUNNING_CPU"));
  EXPECT_FALSE(off.contains("RUNNING_VMS"));
  EXPECT_TRUE(items(a_vm(VmState::done)).empty());
}

TEST(Bill, NamesTheClusterOnceTheVmHasBeenPlaced) {
  Vm vm = a_vm(VmState::active, LcmState::boot);
  EXPECT_FALSE(items(vm, 7).contains("VMS"));
  vm.history.list.push_back(History{.cluster_id = ClusterId{7}});
  EXPECT_EQ(items(vm, 7).at("VMS"), 10);
  EXPECT_EQ(items(vm, 7).at("RUNNING_CPU"), 5);
}

TEST(Bill, OfAnImageHoldsItsSnapshots) {
  Image image;
  image.datastore_id = DatastoreId{1};
  image.size_mb = 100;
  image.snapshots = *parse_template("SNAPSHOT=[ID=0,SIZE=30] SNAPSHOT=[ID=1,SIZE=12]");
  const Bill bill = bill_of(image, metrics);
  EXPECT_EQ(bill.items.at(size_in_1), 142 * one_unit);
  EXPECT_EQ(bill.items.at({QuotaSection::datastore, 1, At::images}), one_unit);
}

TEST(Bill, OfANetworkIsWhatItReserved) {
  VirtualNetwork network;
  network.address_ranges.ranges.push_back(
      {.attributes = {{"SIZE", "4"}, {"PARENT_NETWORK_AR_ID", "0"}}, .allocated = {}});
  network.address_ranges.ranges.push_back({.attributes = {{"SIZE", "8"}}, .allocated = {}});
  EXPECT_TRUE(bill_of(network, metrics).items.empty());
  network.parent_network_id = "3";
  EXPECT_EQ(bill_of(network, metrics).items.at({QuotaSection::network, 3, At::leases}),
            4 * one_unit);
}

}  // namespace
}  // namespace nubo
