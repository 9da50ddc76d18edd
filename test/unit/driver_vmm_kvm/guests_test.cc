// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/guests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/template.h"
#include "vmm_kvm/arrivals.h"

namespace nubo::kvm {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Guest a_guest(const std::string& name, DomainState state = {VIR_DOMAIN_RUNNING, 0}) {
  return {.name = name, .uuid = "uuid-of-" + name, .state = state};
}

std::vector<Vector> vms_of(const std::string& text) {
  std::vector<Vector> vms;
  const Template parsed = *parse_template(text);
  for (const Vector* vm : parsed.vectors("VM")) vms.push_back(*vm);
  return vms;
}

TEST(Guests, AreOursByTheirName) {
  EXPECT_EQ(vm_id_of("one-12"), 12);
  EXPECT_EQ(vm_id_of("one-"), std::nullopt);
  EXPECT_EQ(vm_id_of("one-1x"), std::nullopt);
  EXPECT_EQ(vm_id_of("one--1"), std::nullopt);
  EXPECT_EQ(vm_id_of("web"), std::nullopt);
}

TEST(Guests, AreReportedWithTheirState) {
  const auto vms =
      vms_of(states_text({a_guest("one-1"), a_guest("web"),
                          a_guest("one-2", {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER})}));
  ASSERT_EQ(vms.size(), 2U);
  EXPECT_EQ(vms[0], (Vector{{"ID", "1"}, {"DEPLOY_ID", "uuid-of-one-1"}, {"STATE", "RUNNING"}}));
  EXPECT_EQ(vms[1].get("STATE"), "SUSPENDED");
}

TEST(Guests, ThatAreMovedOrSavedCountAsRunning) {
  for (const int reason :
       {VIR_DOMAIN_PAUSED_MIGRATION, VIR_DOMAIN_PAUSED_SAVE, VIR_DOMAIN_PAUSED_STARTING_UP}) {
    EXPECT_EQ(monitor_state({VIR_DOMAIN_PAUSED, reason}), "RUNNING");
  }
}

TEST(Guests, ThatCannotGoOnCountAsFailed) {
  EXPECT_EQ(monitor_state({VIR_DOMAIN_CRASHED, 0}), "FAILURE");
  for (const int reason :
       {VIR_DOMAIN_PAUSED_IOERROR, VIR_DOMAIN_PAUSED_WATCHDOG, VIR_DOMAIN_PAUSED_UNKNOWN}) {
    EXPECT_EQ(monitor_state({VIR_DOMAIN_PAUSED, reason}), "FAILURE");
  }
}

TEST(Guests, ThatAreNotOursComeWithAnImportTemplate) {
  Guest wild = a_guest("web");
  wild.xml = "<domain><memory unit='KiB'>524288</memory><vcpu>2</vcpu></domain>";
  const auto vms = vms_of(wilds_text({a_guest("one-1"), wild}, "kvm"));
  ASSERT_EQ(vms.size(), 1U);
  EXPECT_EQ(vms[0].get("ID"), "-1");
  EXPECT_EQ(vms[0].get("VM_NAME"), "web");
  EXPECT_THAT(vms[0].get("IMPORT_TEMPLATE"), testing::StartsWith("Q1BVPSIyIg"));  // CPU="2"
}

TEST(UseReport, GivesProcessorUseBetweenTwoReports) {
  UseReport report;
  Guest guest = a_guest("one-1");
  guest.use.cpu_ns = 1'000'000'000;
  EXPECT_EQ(vms_of(report.text({guest}, SteadyTime(Milliseconds(1000))))[0].get("CPU"), "0.00");
  guest.use.cpu_ns = 2'000'000'000;
  EXPECT_EQ(vms_of(report.text({guest}, SteadyTime(Milliseconds(3000))))[0].get("CPU"), "50.00");
}

TEST(UseReport, StartsAgainWithAGuestThatWasRestarted) {
  UseReport report;
  Guest guest = a_guest("one-1");
  guest.use.cpu_ns = 9'000'000'000;
  static_cast<void>(report.text({guest}, SteadyTime(Milliseconds(0))));
  guest.use.cpu_ns = 1'000'000;
  EXPECT_EQ(vms_of(report.text({guest}, SteadyTime(Milliseconds(1000))))[0].get("CPU"), "0.00");
}

TEST(Restore, TurnsTheDisksPathsToTheNewDirectory) {
  const std::string saved =
      "<domain><metadata><one:vm xmlns:one='x'><one:system_datastore>/ds/0/1</one:system_datastore>"
      "</one:vm></metadata><source file='/ds/0/1/disk.0'/><source "
      "file='/ds/0/11/disk.0'/></domain>";
  const std::string turned = with_system_dir(saved, "/ds/5/1");
  EXPECT_THAT(turned, HasSubstr("'/ds/5/1/disk.0'"));
  EXPECT_THAT(turned, HasSubstr("'/ds/0/11/disk.0'"));
  EXPECT_THAT(turned, HasSubstr(">/ds/5/1<"));
}

TEST(Restore, LeavesACheckpointOfTheSameDirectoryAsItIs) {
  EXPECT_EQ(with_system_dir("<domain/>", "/ds/0/1"), "<domain/>");
}

TEST(Arrivals, MakeAListThatWasReadBeforeStale) {
  Arrivals arrivals;
  int sent = 0;
  const auto send = [&sent] { ++sent; };
  const auto before = arrivals.mark("node1");
  arrivals.note("node1");
  EXPECT_FALSE(arrivals.send_unless_stale("node1", before, send));
  EXPECT_TRUE(arrivals.send_unless_stale("node1", arrivals.mark("node1"), send));
  EXPECT_TRUE(arrivals.send_unless_stale("node2", arrivals.mark("node2"), send));
  EXPECT_EQ(sent, 2);
}

}  // namespace
}  // namespace nubo::kvm
