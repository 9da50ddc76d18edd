// SPDX-License-Identifier: Apache-2.0
// The calls on a private store, in one thread: what the daemon does between rpc/ and the database.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "api/bootstrap.h"
#include "api/service.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace nubo::test {

struct NoDrivers final : api::Outside {
  void stat_image(const Datastore&, const Template&,
                  std::function<void(Result<long long>)> done) override {
    done(1024);
  }
};

/// What the shipped configuration says of drivers, as far as the calls look at it.
inline const char* test_config() {
  return "TM_MAD_CONF=[NAME=local,LN_TARGET=SYSTEM,CLONE_TARGET=SYSTEM,SHARED=NO]\n"
         "TM_MAD_CONF=[NAME=dummy,LN_TARGET=NONE,CLONE_TARGET=SYSTEM,SHARED=YES]\n"
         "DS_MAD_CONF=[NAME=fs]\nDS_MAD_CONF=[NAME=dummy]\n"
         "DS_MAD_CONF=[NAME=ceph,REQUIRED_ATTRS=\"DISK_TYPE,BRIDGE_LIST\"]\n"
         "VN_MAD_CONF=[NAME=dummy,BRIDGE_TYPE=linux]\n"
         "VN_MAD_CONF=[NAME=bridge,BRIDGE_TYPE=linux]\n"
         "VN_MAD_CONF=[NAME=\"802.1Q\",BRIDGE_TYPE=linux]\n"
         "VN_MAD_CONF=[NAME=ovswitch_vxlan,BRIDGE_TYPE=openvswitch]\n"
         "VLAN_IDS=[START=2,RESERVED=\"2,4:5\"]\nVXLAN_IDS=[START=700]\n"
         "MARKET_MAD_CONF=[NAME=http,REQUIRED_ATTRS=\"BASE_URL,PUBLIC_DIR\","
         "APP_ACTIONS=\"create,delete,monitor\"]\n"
         "IMAGE_RESTRICTED_ATTR=SOURCE\nVNET_RESTRICTED_ATTR=VN_MAD\n"
         "USER_RESTRICTED_ATTR=VM_USE_OPERATIONS\n";
}

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    EXPECT_TRUE(writer->apply_now(api::bootstrap(
        {.admin_name = "oneadmin", .admin_password = "pw", .server_secret = "s"}, settings)));
  }

  api::Reply reply_to(const std::string& method, std::vector<api::Value> params) {
    std::optional<api::Reply> reply;
    service.handle({.method = method, .params = std::move(params), .peer = {}},
                   [&reply](api::Reply given) { reply = std::move(given); });
    writer->run_until_idle();
    EXPECT_TRUE(reply.has_value()) << method;
    return reply.value_or(api::Fault{});
  }

  /// As a user, "oneadmin" unless `session` is set.
  api::Reply call(const std::string& method, std::vector<api::Value> params = {}) {
    params.insert(params.begin(), api::Value(session));
    return reply_to(method, std::move(params));
  }

  int id_of(const api::Reply& reply) {
    const auto* value = std::get_if<api::Value>(&reply);
    EXPECT_TRUE(value) << text_of(reply);
    const int* id = value ? value->as<int>() : nullptr;
    return id ? *id : -1;
  }

  /// The document, or the message of what went wrong.
  std::string text_of(const api::Reply& reply) {
    if (const auto* error = std::get_if<Error>(&reply)) return error->message;
    if (const auto* fault = std::get_if<api::Fault>(&reply)) return fault->text;
    const auto& value = std::get<api::Value>(reply);
    if (const auto* list = value.as<api::Text>()) return list->joined();
    const std::string* text = value.as<std::string>();
    return text ? *text : "";
  }

  std::optional<Code> code_of(const api::Reply& reply) {
    const auto* error = std::get_if<Error>(&reply);
    return error ? std::optional(error->code) : std::nullopt;
  }

  int new_user(const std::string& name) {
    return id_of(call("one.user.allocate", {name, "pw", ""}));
  }

  TempDir dir;
  FakeClock clock;
  api::Settings settings = api::settings_of(*parse_template(test_config()));
  std::unique_ptr<Database> database = std::move(*open_sqlite(":memory:"));
  std::unique_ptr<Writer> writer = std::move(*Writer::load(*database, clock));
  std::unique_ptr<MonitoringLog> monitoring =
      std::move(*MonitoringLog::open(dir.file("monitoring.db")));
  Authenticator authenticator{clock, settings.auth};
  NoDrivers outside;
  VmSettings vm_settings;
  api::Environment environment{*writer, authenticator, *monitoring, outside,
                               clock,   settings,      vm_settings};
  api::Service service = api::make_service(environment);
  std::string session = "oneadmin:pw";
};

}  // namespace nubo::test
