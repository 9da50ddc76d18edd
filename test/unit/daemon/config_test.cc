// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nubo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Config config_of(std::string_view text) {
  const auto config = read_config("oned.conf", text, Locations{});
  EXPECT_TRUE(config) << (config ? "" : config.error().message);
  return config.value_or(Config{});
}

std::string refusal_of(std::string_view text) {
  const auto config = read_config("oned.conf", text, Locations{});
  if (!config) return config.error().message;
  const Template& attributes = config->attributes;
  if (const auto rpc = rpc_settings(attributes); !rpc) return rpc.error().message;
  if (const auto log = log_settings(attributes); !log) return log.error().message;
  if (const auto path = database_of(attributes); !path) return path.error().message;
  return "taken";
}

TEST(Config, AnEmptyFileMeansTheDefaults) {
  const Config config = config_of("");
  EXPECT_THAT(config.remarks, IsEmpty());
  const auto rpc = rpc_settings(config.attributes);
  ASSERT_TRUE(rpc) << rpc.error().message;
  EXPECT_EQ(rpc->address, "127.0.0.1");
  EXPECT_EQ(rpc->port, 2633);
  EXPECT_EQ(*database_of(config.attributes), "/var/lib/one/one.db");
  EXPECT_EQ(config.attributes.get("DATASTORE_LOCATION"), "/var/lib/one/datastores");
  EXPECT_TRUE(log_settings(config.attributes)->is_to_file);
}

TEST(Config, TheShippedFileChangesNothing) {
  EXPECT_EQ(config_of(default_config()).attributes, config_of("").attributes);
}

TEST(Config, EveryKnownOperationIsSortedIntoOneRight) {
  const Template config = config_of("").attributes;
  EXPECT_THAT(config.get("VM_MANAGE_OPERATIONS"), HasSubstr("terminate"));
  EXPECT_THAT(config.get("VM_ADMIN_OPERATIONS"), HasSubstr("migrate"));
}

TEST(Config, AValueReplacesTheDefault) {
  const Template config = config_of("port = 2634\nDEFAULT_UMASK = \"022\"").attributes;
  EXPECT_EQ(rpc_settings(config)->port, 2634);
  EXPECT_EQ(config.get("DEFAULT_UMASK"), "022");
}

TEST(Config, AListIsReplacedWhole) {
  const Template config =
      config_of("IMAGE_RESTRICTED_ATTR = A\nIMAGE_RESTRICTED_ATTR = B").attributes;
  std::vector<std::string> values;
  for (const Attribute& attribute : config) {
    if (attribute.name == "IMAGE_RESTRICTED_ATTR") values.push_back(*attribute.single());
  }
  EXPECT_THAT(values, ElementsAre("A", "B"));
}

TEST(Config, AVectorKeepsTheKeysThatItDoesNotName) {
  const Template config = config_of("VNC_PORTS = [ START = 6000 ]").attributes;
  EXPECT_EQ(config.vector("VNC_PORTS")->get("START"), "6000");
  EXPECT_EQ(config.vector("VNC_PORTS")->get("RESERVED"), "32768:65536");
}

TEST(Config, ANamedEntryReplacesOnlyItsOwn) {
  const std::size_t before = config_of("").attributes.vectors("VN_MAD_CONF").size();
  const Template config = config_of(
                              "VN_MAD_CONF = [ NAME = bridge, BRIDGE_TYPE = x ]\n"
                              "VN_MAD_CONF = [ NAME = new, BRIDGE_TYPE = y ]")
                              .attributes;
  const auto entries = config.vectors("VN_MAD_CONF");
  EXPECT_EQ(entries.size(), before + 1);
  EXPECT_EQ(entries.back()->get("NAME"), "new");
  for (const Vector* entry : entries) {
    if (entry->get("NAME") == "bridge") {
      EXPECT_EQ(entry->get("BRIDGE_TYPE"), "x");
    }
  }
}

TEST(Config, UnknownKeysAreRemarkedWithTheirLine) {
  const Config config = config_of("# RAFT = 1\nPORT = 1\n  raft = [ A = 1 ]\nPROT = 2634\n");
  EXPECT_THAT(config.remarks, ElementsAre("oned.conf:4: PROT means nothing to this oned",
                                          "oned.conf:3: RAFT means nothing to this oned"));
  EXPECT_FALSE(config.attributes.contains("PROT"));
}

TEST(Config, WhatCannotBeMeantIsRefusedByName) {
  EXPECT_THAT(refusal_of("PORT = 70000"), HasSubstr("PORT = \"70000\" is no number from 0 to"));
  EXPECT_THAT(refusal_of("MAX_CONN = many"), HasSubstr("MAX_CONN"));
  EXPECT_THAT(refusal_of("\nPORT = [ A = 1 ]"), HasSubstr("oned.conf:2: PORT is to be a single"));
  EXPECT_THAT(refusal_of("LOG = file"), HasSubstr("LOG is to be ["));
  EXPECT_THAT(refusal_of("LOG = [ SYSTEM = syslog ]"), HasSubstr("file or std"));
  EXPECT_THAT(refusal_of("LOG = [ DEBUG_LEVEL = 9 ]"), HasSubstr("DEBUG_LEVEL"));
  EXPECT_THAT(refusal_of("DB = [ BACKEND = mysql ]"), HasSubstr("sqlite"));
  EXPECT_THAT(refusal_of("PORT = [ 1"), HasSubstr("oned.conf: Parse error"));
  EXPECT_EQ(refusal_of("# nothing"), "taken");
}

TEST(Config, AMissingFileIsNamed) {
  const auto config = load_config("/nonexistent/oned.conf", Locations{});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message, "cannot read the configuration /nonexistent/oned.conf");
}

TEST(Config, DriversAreProgramsThatExist) {
  const Template config = config_of(
                              "VM_MAD = [ NAME = one, EXECUTABLE = \"/bin/true\" ]\n"
                              "VM_MAD = [ NAME = two, EXECUTABLE = \"/bin/true\" ]\n"
                              "TM_MAD = [ EXECUTABLE = \"/bin/true\", MAX_RUNNING = 9 ]\n"
                              "DATASTORE_MAD = [ EXECUTABLE = \"/bin/true\" ]\n"
                              "VN_MAD = [ EXECUTABLE = \"/bin/true\" ]")
                              .attributes;
  const auto drivers = driver_configs(config, Locations{});
  ASSERT_TRUE(drivers) << drivers.error().message;
  std::vector<std::string> names;
  for (const DriverConfig& driver : *drivers) names.push_back(driver.name);
  EXPECT_THAT(names, ElementsAre("one", "two", "tm", "datastore", "vnm"));
  EXPECT_EQ(drivers->at(2).caps.running, 9);
  const auto missing = driver_configs(config_of("").attributes, Locations{});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "driver kvm: there is no program \"vmm_kvm\"");
}

TEST(Config, ItsDescriptionHidesSecrets) {
  const std::string text = describe(config_of("DB = [ PASSWD = abc ]").attributes);
  EXPECT_THAT(text, HasSubstr("\nPORT=2633\n"));
  EXPECT_THAT(text, HasSubstr("PASSWD=***"));
  EXPECT_THAT(text, testing::Not(HasSubstr("abc")));
}

}  // namespace
}  // namespace nubo
