// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "contract/driver_under_test.h"
#include "text/template.h"

namespace nubo::dummy {

namespace {

using driver::Answer;
using driver::Event;
using driver::Request;
using driver::Values;
using test::DriverUnderTest;
using ::testing::HasSubstr;

class DummyTest : public ::testing::Test {
 protected:
  DummyTest() {
    std::string name = std::filesystem::temp_directory_path() / "nubo-dummy.XXXXXX";
    directory = ::mkdtemp(name.data());
  }

  ~DummyTest() override { std::filesystem::remove_all(directory); }

  DriverUnderTest& start(Values settings = {}) {
    return driver.emplace(NUBO_BUILD_DIR "/lib/nubo/drivers/dummy", settings);
  }

  static Request deploy(int vm, const std::string& orders = "", const std::string& node = "node1") {
    return {.action = "deploy",
            .object = {"vm", vm},
            .node = node,
            .args = {{"vm", fmt::format("<VM><ID>{}</ID><NAME>web</NAME><USER_TEMPLATE>{}"
                                        "</USER_TEMPLATE><TEMPLATE><CPU>2</CPU><MEMORY>1024"
                                        "</MEMORY></TEMPLATE></VM>",
                                        vm, orders)}}};
  }

  static Request of_guest(std::string action, int vm, const std::string& node = "node1") {
    return {.action = std::move(action),
            .object = {"vm", vm},
            .node = node,
            .args = {{"deploy_id", "x"}, {"vm_id", std::to_string(vm)}}};
  }

  static Request monitor(const std::string& node = "node1") {
    return {.action = "start_monitor",
            .object = {"host", 3},
            .node = node,
            .args = {{"host_id", "3"}, {"period_s", "3600"}}};
  }

  std::string path(const char* name) const { return directory / name; }

  // Replaced as a whole, so that the driver never reads half of it.
  void write_control(const std::string& text) const {
    std::ofstream(path("control.new")) << text;
    std::filesystem::rename(path("control.new"), path("control"));
  }

  std::filesystem::path directory;
  std::optional<DriverUnderTest> driver;
};

TEST_F(DummyTest, TheDeployIdNamesNodeAndGuest) {
  EXPECT_EQ(start().ask(deploy(1)).data, (Values{{"deploy_id", "node1:web:dummy"}}));
}

TEST_F(DummyTest, StorageAnswersAreThoseOfTheStockDummy) {
  DriverUnderTest& dummy = start();
  const Values image{{"image", "<IMAGE/>"}, {"datastore", "<DATASTORE/>"}};
  EXPECT_EQ(dummy.ask({.action = "cp", .args = image}).data,
            (Values{{"source", "dummy_path"}, {"format", "dummy_format"}}));
  EXPECT_EQ(dummy.ask({.action = "mkfs", .args = image}).data,
            (Values{{"source", "dummy_path"}, {"format", "raw"}}));
  EXPECT_EQ(dummy.ask({.action = "stat", .args = image}).data, (Values{{"size_mb", "1024"}}));
  EXPECT_EQ(dummy.ask({.action = "monitor", .args = image}).data,
            (Values{{"used_mb", "9720"}, {"total_mb", "20480"}, {"free_mb", "20480"}}));
}

TEST_F(DummyTest, AHostIsThatOfTheStockDummy) {
  DriverUnderTest& dummy = start();
  dummy.ask(deploy(1));
  dummy.ask(monitor());
  const Event host = dummy.event("host");
  const Template facts = parse_template(host.data.at("system")).value();
  EXPECT_EQ(facts.get("TOTALCPU"), "800");
  EXPECT_EQ(facts.get("TOTALMEMORY"), "16777216");
  EXPECT_EQ(facts.get("MODELNAME"), "Dummy(R) Core @ 3.2GHz");
  EXPECT_EQ(facts.get("HOSTNAME"), "node1");
  const Template statistics = parse_template(host.data.at("monitor")).value();
  EXPECT_EQ(statistics.get("FREECPU"), "600");
  EXPECT_EQ(statistics.get("USEDMEMORY"), "1048576");
}

TEST_F(DummyTest, SettingsReplaceTheFactsOfHosts) {
  DriverUnderTest& dummy = start({{"TOTALCPU", "6400"}});
  dummy.ask(monitor());
  EXPECT_EQ(parse_template(dummy.event("host").data.at("system")).value().get("TOTALCPU"), "6400");
}

TEST_F(DummyTest, AVmCanBeToldToFail) {
  const Answer answer = start().ask(deploy(1, "<DUMMY_FAIL>deploy=no space</DUMMY_FAIL>"));
  EXPECT_EQ(answer.error, "no space");
}

TEST_F(DummyTest, AFailureCanBeLimitedToTheFirstTimes) {
  DriverUnderTest& dummy = start({{"DUMMY_FAIL", "deploy"}, {"DUMMY_FAIL_TIMES", "2"}});
  EXPECT_FALSE(dummy.ask(deploy(1)).ok);
  EXPECT_FALSE(dummy.ask(deploy(1)).ok);
  EXPECT_TRUE(dummy.ask(deploy(1)).ok);
  EXPECT_FALSE(dummy.ask(deploy(2)).ok);
}

TEST_F(DummyTest, OrdersOfAVmHoldForItsLaterActions) {
  DriverUnderTest& dummy = start();
  EXPECT_TRUE(dummy.ask(deploy(1, "<DUMMY_FAIL>reboot=stuck</DUMMY_FAIL>")).ok);
  EXPECT_EQ(dummy.ask(of_guest("reboot", 1)).error, "stuck");
}

TEST_F(DummyTest, AHangingActionEndsWhenItIsCancelled) {
  DriverUnderTest& dummy = start();
  const auto id = dummy.start(deploy(1, "<DUMMY_HANG>deploy</DUMMY_HANG>"));
  EXPECT_TRUE(dummy.ask(deploy(2, "", "node2")).ok);
  dummy.send(driver::Cancel{id});
  EXPECT_EQ(dummy.answer(id).error, "deploy was stopped");
}

TEST_F(DummyTest, ADelayedActionIsAnsweredLater) {
  DriverUnderTest& dummy = start();
  const auto slow = dummy.start(deploy(1, "<DUMMY_DELAY_MS>30</DUMMY_DELAY_MS>"));
  EXPECT_TRUE(dummy.ask(deploy(2)).ok);
  EXPECT_TRUE(dummy.answer(slow).ok);
}

TEST_F(DummyTest, DiesWhenToldTo) {
  DriverUnderTest& dummy = start({{"DUMMY_DIE", "deploy"}});
  EXPECT_THROW(dummy.ask(deploy(1)), std::runtime_error);
}

TEST_F(DummyTest, AnAnswerCanBeReplaced) {
  EXPECT_EQ(start({{"DUMMY_ANSWER", "size_mb=7"}}).ask({.action = "stat"}).data,
            (Values{{"size_mb", "7"}}));
}

TEST_F(DummyTest, TheControlFileComesFirstAndIsReadAgain) {
  DriverUnderTest& dummy = start({{"CONTROL", path("control")}, {"DUMMY_FAIL", "no"}});
  EXPECT_TRUE(dummy.ask(deploy(1)).ok);
  write_control("vm 1 DUMMY_FAIL=reboot=controlled\n");
  EXPECT_EQ(dummy.ask(of_guest("reboot", 1)).error, "controlled");
  std::filesystem::remove(path("control"));
  EXPECT_TRUE(dummy.ask(of_guest("reboot", 1)).ok);
}

TEST_F(DummyTest, ANodeCanGoDownAndComeBack) {
  DriverUnderTest& dummy = start({{"CONTROL", path("control")}});
  dummy.ask(monitor());
  dummy.event("host");
  write_control("node node1 DOWN=yes\n");
  EXPECT_EQ(dummy.event("host_error").data.at("error"), "cannot reach node1");
  EXPECT_EQ(dummy.ask(deploy(1)).error, "cannot reach node1");
  EXPECT_TRUE(dummy.ask(deploy(2, "", "node2")).ok);
  write_control("node node1 DOWN=no\n");
  dummy.event("host");
  EXPECT_TRUE(dummy.ask(deploy(1)).ok);
}

TEST_F(DummyTest, AGuestCanPowerOffByItself) {
  DriverUnderTest& dummy = start({{"CONTROL", path("control")}});
  dummy.ask(deploy(7));
  dummy.ask(monitor());
  write_control("vm 7 STATE=off\n");
  const Event off = dummy.event([](const Event& event) {
    return event.name == "vm_state" && event.data.at("vms").find("POWEROFF") != std::string::npos;
  });
  EXPECT_THAT(off.data.at("vms"), HasSubstr("\"7\""));
  EXPECT_EQ(dummy.ask(of_guest("probe", 7)).data.at("state"), "off");
}

TEST_F(DummyTest, AWorldFileOutlivesTheProgram) {
  const Values settings{{"WORLD", path("world")}};
  start(settings).ask(deploy(1, "<DUMMY_FAIL>reboot=stuck</DUMMY_FAIL>"));
  driver->ask(deploy(2));
  driver->ask(of_guest("cancel", 2));
  driver.reset();  // SIGKILL
  start(settings);
  EXPECT_EQ(driver->ask(of_guest("probe", 1)).data,
            (Values{{"state", "running"}, {"deploy_id", "node1:web:dummy"}}));
  EXPECT_EQ(driver->ask(of_guest("reboot", 1)).error, "stuck");
  EXPECT_EQ(driver->ask(of_guest("probe", 2)).data.at("state"), "absent");
}

TEST_F(DummyTest, WithoutAWorldFileAllIsForgotten) {
  start().ask(deploy(1));
  EXPECT_EQ(start().ask(of_guest("probe", 1)).data.at("state"), "absent");
}

TEST_F(DummyTest, AWorldThatCannotBeKeptEndsTheProgram) {
  DriverUnderTest& dummy = start({{"WORLD", "/nowhere/world"}});
  EXPECT_EQ(dummy.end(), "exit code 1");
}

TEST_F(DummyTest, StandsForThousandsOfNodes) {
  DriverUnderTest& dummy = start();
  for (int node = 0; node < 2000; ++node) dummy.start(monitor(fmt::format("node{}", node)));
  std::set<std::string> seen;
  while (seen.size() < 2000) seen.insert(dummy.event("host").node);
}

}  // namespace

}  // namespace nubo::dummy
