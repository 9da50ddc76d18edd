// SPDX-License-Identifier: Apache-2.0
// What every virtual machine driver keeps (docs/driver-protocol.md). Each test begins and ends with
// the guest absent from both nodes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "contract/driver_under_test.h"
#include "text/template.h"

namespace nubo::test {

struct VmmSubject {
  std::string program;
  driver::Values settings;
  std::string node, other_node;  // other_node "": no migration here
  int vm = 1;
  driver::Values documents;  // vm, host, datastore, system_dir as deploy takes them
  std::string checkpoint;    // path on the node for save and restore
};

class VmmContract : public ::testing::TestWithParam<VmmSubject> {
 protected:
  ~VmmContract() override {
    for (const std::string& node : {subject.node, subject.other_node})
      if (!node.empty()) driver.ask(of_guest("cancel", node));
  }

  driver::Request request(std::string action, driver::Values args) {
    return {.action = std::move(action),
            .object = {"vm", subject.vm},
            .node = subject.node,
            .args = std::move(args)};
  }

  driver::Request of_guest(std::string action, const std::string& node = GetParam().node) {
    driver::Request one = request(
        std::move(action), {{"deploy_id", deploy_id}, {"vm_id", std::to_string(subject.vm)}});
    one.node = node;
    return one;
  }

  void deploy() {
    const driver::Answer answer = driver.ask(request("deploy", subject.documents));
    ASSERT_TRUE(answer.ok) << answer.error;
    deploy_id = answer.data.at("deploy_id");
  }

  std::string state(const std::string& node = GetParam().node) {
    const driver::Answer answer = driver.ask(of_guest("probe", node));
    return answer.ok ? answer.data.at("state") : answer.error;
  }

  driver::Request start_monitor() {
    driver::Request one =
        request("start_monitor",
                {{"host_id", "5"}, {"period_s", "1"}, {"datastore_location", "/var/lib/one"}});
    one.object = {"host", 5};
    return one;
  }

  VmmSubject subject = GetParam();
  DriverUnderTest driver{subject.program, subject.settings};
  std::string deploy_id;
};

TEST_P(VmmContract, AGuestThatWasDeployedRuns) {
  deploy();
  EXPECT_NE(deploy_id, "");
  EXPECT_EQ(state(), "running");
}

TEST_P(VmmContract, DeployingAgainFindsTheSameGuest) {
  deploy();
  const std::string first = deploy_id;
  deploy();
  EXPECT_EQ(deploy_id, first);
}

TEST_P(VmmContract, AGuestThatNeverWasIsAbsent) { EXPECT_EQ(state(), "absent"); }

TEST_P(VmmContract, CancelEndsTheGuestAndIsASuccessAgain) {
  deploy();
  EXPECT_TRUE(driver.ask(of_guest("cancel")).ok);
  EXPECT_EQ(state(), "absent");
  EXPECT_TRUE(driver.ask(of_guest("cancel")).ok);
}

TEST_P(VmmContract, ShutdownOfAGuestThatIsGoneIsASuccess) {
  EXPECT_TRUE(driver.ask(of_guest("shutdown")).ok);
}

TEST_P(VmmContract, AGuestCanBeReset) {
  deploy();
  EXPECT_TRUE(driver.ask(of_guest("reset")).ok);
  EXPECT_EQ(state(), "running");
}

TEST_P(VmmContract, WhatNeedsAGuestFailsWithoutOne) {
  for (const char* action : {"reboot", "reset"}) {
    const driver::Answer answer = driver.ask(of_guest(action));
    EXPECT_FALSE(answer.ok) << action;
    EXPECT_NE(answer.error, "") << action;
  }
}

TEST_P(VmmContract, ASavedGuestIsAbsentUntilItIsRestored) {
  deploy();
  driver::Request save = of_guest("save");
  save.args["checkpoint"] = subject.checkpoint;
  const driver::Answer saved = driver.ask(save);
  ASSERT_TRUE(saved.ok) << saved.error;
  EXPECT_EQ(state(), "absent");

  driver::Request restore = request("restore", subject.documents);
  restore.args["deploy_id"] = deploy_id;
  restore.args["checkpoint"] = subject.checkpoint;
  const driver::Answer restored = driver.ask(restore);
  ASSERT_TRUE(restored.ok) << restored.error;
  EXPECT_NE(restored.data.at("deploy_id"), "");
  EXPECT_EQ(state(), "running");
}

TEST_P(VmmContract, AMigratedGuestRunsOnItsTargetOnly) {
  if (subject.other_node.empty()) GTEST_SKIP() << "this subject has one node";
  deploy();
  driver::Request migrate = of_guest("migrate");
  migrate.args.insert({{"vm", subject.documents.at("vm")},
                       {"target", subject.other_node},
                       {"system_dir", subject.documents.at("system_dir")}});
  const driver::Answer migrated = driver.ask(migrate);
  ASSERT_TRUE(migrated.ok) << migrated.error;
  EXPECT_EQ(state(), "absent");
  EXPECT_EQ(state(subject.other_node), "running");
  EXPECT_TRUE(driver.ask(migrate).ok) << "asked again it is done";
}

TEST_P(VmmContract, MonitoringTellsTheFactsOfTheNode) {
  ASSERT_TRUE(driver.ask(start_monitor()).ok);
  const driver::Event host = driver.event("host");
  EXPECT_EQ(host.node, subject.node);
  EXPECT_EQ(host.data.at("host_id"), "5");
  const Template facts = parse_template(host.data.at("system")).value();
  EXPECT_GT(facts.number<int>("TOTALCPU").value_or(0), 0);
  EXPECT_GT(facts.number<long>("TOTALMEMORY").value_or(0), 0);
  for (const char* name : {"HYPERVISOR", "ARCH", "HOSTNAME"})
    EXPECT_NE(facts.get(name), "") << name;
  const Template statistics = parse_template(host.data.at("monitor")).value();
  for (const char* name : {"FREECPU", "USEDCPU", "FREEMEMORY", "USEDMEMORY"})
    EXPECT_TRUE(statistics.number<double>(name)) << name;
}

TEST_P(VmmContract, MonitoringAskedAgainReportsAtOnce) {
  driver::Request start = start_monitor();
  start.args["period_s"] = "3600";
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(driver.ask(start).ok);
    EXPECT_EQ(driver.event("host").data.at("host_id"), "5");
  }
}

TEST_P(VmmContract, MonitoringTellsTheGuestsOfTheNode) {
  deploy();
  ASSERT_TRUE(driver.ask(start_monitor()).ok);
  const driver::Event states = driver.event([](const driver::Event& event) {
    return event.name == "vm_state" && event.data.contains("complete");
  });
  bool seen = false;
  const Template vms = parse_template(states.data.at("vms")).value();
  for (const Vector* vm : vms.vectors("VM")) {
    if (vm->number<int>("ID") != subject.vm) continue;
    seen = true;
    EXPECT_EQ(vm->get("STATE"), "RUNNING");
    EXPECT_EQ(vm->get("DEPLOY_ID"), deploy_id);
  }
  EXPECT_TRUE(seen);
}

TEST_P(VmmContract, MonitoringGoesOnEachPeriod) {
  ASSERT_TRUE(driver.ask(start_monitor()).ok);
  driver.event("host");
  driver.event("host");
  driver::Request stop = start_monitor();
  stop.action = "stop_monitor";
  EXPECT_TRUE(driver.ask(stop).ok);
}

}  // namespace nubo::test
