// SPDX-License-Identifier: Apache-2.0
// What reports of nodes, and their absence, do to hosts, VMs and datastores.
#include "flow/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cloud.h"
#include "support/temp_dir.h"

namespace nubo {
namespace {

using ::testing::HasSubstr;
using test::Cloud;

class MonitorTest : public ::testing::Test {
 protected:
  MonitorTest() {
    monitor.start();
    // The drivers are told of both hosts, and asked for the room of both datastores.
    while (!cloud.drivers.asked.empty()) told.push_back(next().request.action);
  }

  test::FakeDrivers::Asked next() {
    test::FakeDrivers::Asked first = std::move(cloud.drivers.asked.front());
    cloud.drivers.asked.pop_front();
    return first;
  }

  /// The answer to the one request that waits.
  void answer(Outcome outcome) {
    ASSERT_EQ(cloud.drivers.asked.size(), 1U);
    next().done(std::move(outcome));
    cloud.writer->run_until_idle();
  }

  void report(const std::string& name, int host, driver::Values data) {
    data["host_id"] = std::to_string(host);
    monitor.reported("kvm", {.name = name, .node = "node1", .data = std::move(data)});
    cloud.writer->run_until_idle();
  }

  void report_vms(const std::string& vms, bool complete = true) {
    report("vm_state", 0, {{"vms", vms}, {"complete", complete ? "yes" : "no"}});
  }

  void pass(std::chrono::seconds time) {
    cloud.clock.advance(time);
    cloud.timers.advance(time);
    cloud.writer->run_until_idle();
  }

  /// Long enough running for the list of a node to be believed.
  VmId settled_vm() {
    const VmId id = cloud.running_vm();
    cloud.clock.advance(settings.trusted_after + EpochSeconds{1});
    return id;
  }

  Cloud cloud;
  test::TempDir dir;
  std::unique_ptr<MonitoringLog> log = std::move(*MonitoringLog::open(dir.file("monitoring.db")));
  MonitorSettings settings;
  Monitor monitor{*cloud.writer, cloud.drivers, cloud.timers,
                  [](const std::function<void()>& job) { job(); }, *log, cloud.clock, settings};
  std::vector<std::string> told;
};

TEST_F(MonitorTest, BeginsWithEveryHostAndDatastore) {
  EXPECT_THAT(told, ::testing::UnorderedElementsAre("start_monitor", "start_monitor", "monitor",
                                                    "monitor"));
}

TEST_F(MonitorTest, AReportSaysWhatAHostHas) {
  report("host", 0, {{"system", "TOTALCPU=1600 TOTALMEMORY=1000000 ARCH=x86_64"}});
  EXPECT_EQ(cloud.host(0)->state, HostState::monitored);
  EXPECT_EQ(cloud.host(0)->share.max_cpu, 1600);
  EXPECT_EQ(cloud.host(0)->attributes.get("ARCH"), "x86_64");
}

TEST_F(MonitorTest, AHostHasRoomInSystemDatastoresOfItsOwnOnly) {
  cloud.change([](Draft& draft) -> Status {
    NUBO_TRY(Datastore* const system, draft.edit<Datastore>(DatastoreId{0}));
    system->attributes.set("SHARED", "NO");
    return ok();
  });
  report("host", 0, {{"system", "DS=[ID=0, FREE_MB=11] DS=[ID=1, FREE_MB=22] DS=[ID=7, FREE_MB=33]"}});
  const std::vector<const Vector*> rooms = cloud.host(0)->share.datastores.vectors("DS");
  ASSERT_EQ(rooms.size(), 1U);
  EXPECT_EQ(rooms[0]->get("FREE_MB"), "11");
}

TEST_F(MonitorTest, NumaNodesAreShownNodeByNode) {
  report("host", 0,
         {{"system", "CORE=[NODE_ID=1, ID=4, CPUS=\"4,12\"] CORE=[NODE_ID=0, ID=0, CPUS=\"0\"] "
                     "HUGEPAGE=[NODE_ID=0, SIZE=2048, PAGES=8] CORE=[ID=9, CPUS=\"9\"] "
                     "MEMORY_NODE=[NODE_ID=0, TOTAL=100, DISTANCE=\"0 1\"]"}});
  const std::vector<Template>& nodes = cloud.host(0)->share.numa_nodes.nodes;
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0].get("NODE_ID"), "0");
  EXPECT_EQ(nodes[0].vector("MEMORY")->get("DISTANCE"), "0 1");
  EXPECT_EQ(nodes[0].vector("HUGEPAGE")->get("USAGE"), "0");
  EXPECT_EQ(nodes[1].vector("CORE")->get("CPUS"), "4:-1,12:-1");
  EXPECT_EQ(nodes[1].vector("CORE")->get("FREE"), "2");
  EXPECT_FALSE(cloud.host(0)->attributes.contains("CORE"));
}

TEST_F(MonitorTest, ASilentHostFailsAndComesBackWithItsMachines) {
  const VmId id = settled_vm();
  pass(settings.host_timeout + std::chrono::seconds{1});
  EXPECT_EQ(cloud.host(0)->state, HostState::error);
  EXPECT_THAT(cloud.host(0)->attributes.get("ERROR"), HasSubstr("no report of node"));
  EXPECT_EQ(cloud.state(id), "UNKNOWN");

  report("host", 0, {{"system", "TOTALCPU=800"}});
  report_vms("VM=[ID=0, DEPLOY_ID=one-0, STATE=RUNNING]");
  EXPECT_EQ(cloud.host(0)->state, HostState::monitored);
  EXPECT_EQ(cloud.host(0)->attributes.get("ERROR"), "");
  EXPECT_EQ(cloud.state(id), "RUNNING");
}

TEST_F(MonitorTest, AFailureThatTheDriverSeesCountsAtOnce) {
  report("host_error", 1, {{"error", "connection refused"}});
  EXPECT_EQ(cloud.host(1)->state, HostState::error);
  EXPECT_THAT(cloud.host(1)->attributes.get("ERROR"), HasSubstr("connection refused"));
  EXPECT_EQ(cloud.host(0)->state, HostState::monitored);
}

TEST_F(MonitorTest, ADisabledHostStaysDisabledAndIsWrittenOnce) {
  cloud.change([](Draft& draft) -> Status {
    NUBO_TRY(Host* const host, draft.edit<Host>(HostId{1}));
    host->state = HostState::disabled;
    return ok();
  });
  report("host_error", 1, {{"error", "connection refused"}});
  const Ptr<Host> failed = cloud.host(1);
  EXPECT_EQ(failed->state, HostState::disabled);
  pass(std::chrono::seconds{5});
  report("host_error", 1, {{"error", "connection refused"}});
  EXPECT_EQ(cloud.host(1), failed);
}

TEST_F(MonitorTest, AGuestThatWentOffIsSeen) {
  const VmId id = settled_vm();
  report_vms("VM=[ID=0, DEPLOY_ID=one-0, STATE=POWEROFF]");
  EXPECT_EQ(cloud.state(id), "POWEROFF");
}

TEST_F(MonitorTest, AMissingGuestIsAskedForBeforeItCounts) {
  const VmId id = settled_vm();
  report_vms("");
  EXPECT_EQ(cloud.state(id), "RUNNING");
  answer({End::done, "", {{"state", "absent"}}});
  EXPECT_EQ(cloud.state(id), "POWEROFF");
}

TEST_F(MonitorTest, AnIncompleteListSaysNothingOfOthers) {
  settled_vm();
  report_vms("", /*complete=*/false);
  EXPECT_TRUE(cloud.drivers.asked.empty());
}

TEST_F(MonitorTest, AListThatIsOlderThanTheStartIsNotBelieved) {
  const VmId id = cloud.running_vm();
  report_vms("VM=[ID=0, DEPLOY_ID=one-0, STATE=POWEROFF]");
  EXPECT_EQ(cloud.state(id), "RUNNING");
  answer({End::done, "", {{"state", "running"}}});
  EXPECT_EQ(cloud.state(id), "RUNNING");
}

TEST_F(MonitorTest, TheListOfAnotherNodeDoesNotCount) {
  const VmId id = settled_vm();
  report("vm_state", 1, {{"vms", "VM=[ID=0, DEPLOY_ID=one-0, STATE=POWEROFF]"}});
  EXPECT_EQ(cloud.state(id), "RUNNING");
}

TEST_F(MonitorTest, WorkUnderWayIsNotDisturbed) {
  const VmId id = settled_vm();
  ASSERT_TRUE(cloud.act(id, VmEvent::poweroff));
  report_vms("VM=[ID=0, DEPLOY_ID=one-0, STATE=POWEROFF]");
  EXPECT_EQ(cloud.state(id), "SHUTDOWN_POWEROFF");
}

TEST_F(MonitorTest, AHostThatIsOfflineIsLeftAlone) {
  cloud.writer->listen([this](const Commit& commit) { monitor.committed(commit); });
  cloud.change([](Draft& draft) -> Status {
    NUBO_TRY(Host* const host, draft.edit<Host>(HostId{1}));
    host->state = HostState::offline;
    return ok();
  });
  ASSERT_EQ(cloud.drivers.asked.size(), 1U);
  EXPECT_EQ(next().request.action, "stop_monitor");
  report("host", 1, {{"system", "TOTALCPU=1600"}});
  EXPECT_EQ(cloud.host(1)->state, HostState::offline);
}

TEST_F(MonitorTest, AnEnabledHostIsLookedAtAtOnce) {
  cloud.writer->listen([this](const Commit& commit) { monitor.committed(commit); });
  for (const HostState state : {HostState::disabled, HostState::init}) {
    EXPECT_TRUE(cloud.drivers.asked.empty());
    cloud.change([state](Draft& draft) -> Status {
      NUBO_TRY(Host* const host, draft.edit<Host>(HostId{1}));
      host->state = state;
      return ok();
    });
  }
  ASSERT_EQ(cloud.drivers.asked.size(), 1U);
  EXPECT_EQ(next().request.action, "start_monitor");
}

TEST_F(MonitorTest, AProgramThatStartsAgainIsToldItsHosts) {
  monitor.driver_started("kvm");
  ASSERT_EQ(cloud.drivers.asked.size(), 2U);
  EXPECT_EQ(next().request.action, "start_monitor");
}

TEST_F(MonitorTest, DatastoresAreAskedAgainAndAgain) {
  pass(settings.datastore_period);
  for (int left = 2; left > 0; --left) {
    while (cloud.drivers.asked.front().request.action != "monitor") next();
    next().done({End::done, "", {{"total_mb", "500"}, {"used_mb", "100"}, {"free_mb", "400"}}});
  }
  cloud.writer->run_until_idle();
  EXPECT_EQ(cloud.writer->snapshot()->find<Datastore>(DatastoreId{1})->free_mb, 400);
}

TEST_F(MonitorTest, ADatastoreIsAskedAnewWhenItsTemplateChanges) {
  cloud.writer->listen([this](const Commit& commit) { monitor.committed(commit); });
  const auto edit = [this](const std::function<void(Datastore&)>& how) {
    cloud.change([&](Draft& draft) -> Status {
      NUBO_TRY(Datastore* const datastore, draft.edit<Datastore>(DatastoreId{0}));
      how(*datastore);
      return ok();
    });
  };
  edit([](Datastore& datastore) { datastore.attributes.set("SHARED", "NO"); });
  EXPECT_TRUE(cloud.drivers.asked.empty()) << "its hosts report it";
  edit([](Datastore& datastore) { datastore.attributes.set("SHARED", "YES"); });
  ASSERT_EQ(cloud.drivers.asked.size(), 1U);
  EXPECT_EQ(next().driver, "tm");
  edit([](Datastore& datastore) { datastore.free_mb = 7; });
  EXPECT_TRUE(cloud.drivers.asked.empty());
}

TEST_F(MonitorTest, FiguresOfGuestsAreKept) {
  settled_vm();
  report("vm_monitor", 0, {{"vms", "VM=[ID=0, CPU=12.5, MEMORY=2048] VM=[ID=99999, CPU=1]"}});
  log->flush();
  const auto record = log->newest(Monitored::vm, 0);
  ASSERT_TRUE(record);
  EXPECT_THAT(record->body, HasSubstr("<CPU><![CDATA[12.5]]></CPU>"));
  EXPECT_FALSE(log->newest(Monitored::vm, 99999)) << "there is no such machine";
}

TEST_F(MonitorTest, FiguresOfAGuestThatIsDoneAreInTheFileAlone) {
  const VmId id = settled_vm();
  cloud.writer->listen([this](const Commit& commit) { monitor.committed(commit); });
  const std::string figures = fmt::format("VM=[ID={}, CPU=12.5]", id);
  report("vm_monitor", 0, {{"vms", figures}});
  cloud.change([id](Draft& draft) -> Status {
    NUBO_TRY(Vm* const vm, draft.edit<Vm>(id));
    vm->state = VmState::done;
    return ok();
  });
  report("vm_monitor", 0, {{"vms", figures}});
  log->flush();
  EXPECT_THAT(log->newest(Monitored::vm), ::testing::IsEmpty());
  EXPECT_EQ(log->read(Monitored::vm, {.object = id.value})->size(), 1U);
}

TEST_F(MonitorTest, NonsenseChangesNothing) {
  const Ptr<Host> before = cloud.host(0);
  report("host", 0, {{"system", "this is = [ no template"}});
  report("vm_state", 0, {{"vms", "VM=[ID=99999, STATE=RUNNING] VM=[STATE=x] VM=7"}});
  report("host", 4711, {{"system", "TOTALCPU=1"}});
  report("something", 0, {});
  EXPECT_EQ(cloud.host(0), before);
}

}  // namespace
}  // namespace nubo
