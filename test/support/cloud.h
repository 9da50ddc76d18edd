// SPDX-License-Identifier: Apache-2.0
// A small cloud in memory: two hosts, the datastores, an image, a network; a writer without a
// thread, drivers that answer when the test lets them.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "drivers/outcome.h"
#include "flow/effect_runner.h"
#include "flow/scheduler.h"
#include "flow/vm_create.h"
#include "flow/vm_step.h"
#include "store/database.h"
#include "store/writer.h"
#include "support/fake_clock.h"
#include "support/fake_timers.h"

namespace nubo::test {

/// Keeps what is asked until the test answers.
class FakeDrivers final : public DriverCalls {
 public:
  struct Asked {
    std::string driver;
    driver::Request request;
    Done done;
  };

  std::int64_t submit(const std::string& driver, driver::Request request, Done done) override {
    request.id = ++last_id_;
    asked.push_back({driver, std::move(request), std::move(done)});
    return last_id_;
  }

  void cancel(std::int64_t id) override {
    for (auto place = asked.begin(); place != asked.end(); ++place) {
      if (place->request.id != id) continue;
      const Asked job = std::move(*place);
      asked.erase(place);
      return job.done({.end = End::cancelled, .error = "cancelled", .data = {}});
    }
  }

  std::deque<Asked> asked;

 private:
  std::int64_t last_id_ = 0;
};

/// What a driver that always succeeds answers.
inline Outcome good_outcome(const driver::Request& request) {
  Outcome outcome;
  if (request.action == "deploy" || request.action == "restore") {
    outcome.data["deploy_id"] = "domain-" + std::to_string(request.object.id);
  }
  if (request.action == "snapshot_create") outcome.data["hypervisor_id"] = "snap";
  if (request.action == "cp" || request.action == "mkfs")
    outcome.data = {{"source", "/ds/1/new"}, {"format", "qcow2"}};
  return outcome;
}

class Cloud {
 public:
  Cloud() {
    auto opened = open_sqlite(":memory:");
    EXPECT_TRUE(opened);
    database = std::move(*opened);
    auto loaded = Writer::load(*database, clock);
    EXPECT_TRUE(loaded);
    writer = std::move(*loaded);
    writer->listen([this](const Commit& commit) {
      for (const Effect& effect : commit.effects) runner->run(effect);
    });
    restart();
    change([this](Draft& draft) { return furnish(draft); });
  }

  /// The effects of an oned that has just started: those that are stored begin anew.
  void restart() {
    drivers.asked.clear();
    runner = std::make_unique<EffectRunner>(
        *writer, drivers, timers, [](const std::function<void()>& call) { call(); }, settings);
  }

  Status try_change(std::function<Status(Draft&)> function) {
    const Status status = writer->apply_now(Change("test", std::move(function)));
    writer->run_until_idle();
    return status;
  }

  void change(std::function<Status(Draft&)> function) {
    const Status status = try_change(std::move(function));
    EXPECT_TRUE(status) << status.error().message;
  }

  /// Answers the oldest request.
  void answer(Outcome outcome) {
    ASSERT_FALSE(drivers.asked.empty());
    FakeDrivers::Asked job = std::move(drivers.asked.front());
    drivers.asked.pop_front();
    actions.push_back(job.driver + "." + job.request.action);
    job.done(std::move(outcome));
    writer->run_until_idle();
  }

  /// Answers everything, well but for what `fails` picks by "program.action".
  void answer_all(const std::function<bool(const std::string&)>& fails = {}) {
    for (int most = 200; most > 0 && !drivers.asked.empty(); --most) {
      const FakeDrivers::Asked& next = drivers.asked.front();
      const bool bad = fails && fails(next.driver + "." + next.request.action);
      answer(bad ? Outcome{End::failed, "no such luck", {}} : good_outcome(next.request));
    }
    EXPECT_TRUE(drivers.asked.empty());
  }

  VmId make_vm(const std::string& text = vm_text, UserId uid = {0}, GroupId gid = {0}) {
    VmId id;
    change([&](Draft& draft) -> Status {
      NUBO_TRY(Template attributes, parse_template(text));
      Owned owner;
      owner.uid = uid;
      owner.gid = gid;
      owner.uname = owner.gname = "oneadmin";
      NUBO_TRY(id,
               create_vm(draft, {.owner = owner, .attributes = std::move(attributes)}, settings));
      return ok();
    });
    return id;
  }

  VmId running_vm() {
    const VmId id = make_vm();
    place();
    answer_all();
    EXPECT_EQ(state(id), "RUNNING");
    return id;
  }

  std::size_t place() {
    Scheduler scheduler(*writer, {}, settings);
    const std::size_t placed = scheduler.plan_once();
    writer->run_until_idle();
    return placed;
  }

  /// Whether a recount of all objects would change any quota.
  bool quotas_drifted() {
    const SnapshotPtr before = writer->snapshot();
    change([](Draft& draft) -> Status {
      draft.recount_quotas();
      return ok();
    });
    bool same = true;
    before->pool<User>().for_each([&](const Entry<User>& entry) {
      const Ptr<User> now = writer->snapshot()->find<User>(entry.object.id);
      same = same && now->quotas == entry.object.quotas;
    });
    before->pool<Group>().for_each([&](const Entry<Group>& entry) {
      const Ptr<Group> now = writer->snapshot()->find<Group>(entry.object.id);
      same = same && now->quotas == entry.object.quotas;
    });
    return !same;
  }

  Status act(VmId id, VmEvent event) {
    return try_change([=](Draft& draft) { return step(draft, id, event); });
  }

  Ptr<Vm> vm(VmId id) const {
    if (Ptr<Vm> found = writer->snapshot()->find<Vm>(id)) return found;
    return *writer->archive().find(id);
  }

  Ptr<Host> host(int id) const { return writer->snapshot()->find<Host>(HostId{id}); }

  Ptr<Image> image(ImageId id) const { return writer->snapshot()->find<Image>(id); }

  std::string state(VmId id) const { return std::string(names_of(vm(id)->states()).name); }

  static constexpr const char* vm_text =
      "NAME=\"vm\" CPU=1 MEMORY=512 DISK=[IMAGE_ID=0] NIC=[NETWORK_ID=0]";

  FakeClock clock;
  FakeTimers timers;
  FakeDrivers drivers;
  VmSettings settings;
  std::unique_ptr<Database> database;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<EffectRunner> runner;
  std::vector<std::string> actions;  // answered so far, "program.action"

 private:
  static Host a_host(const std::string& name) {
    Host host;
    host.name = name;
    host.state = HostState::monitored;
    host.im_mad = host.vm_mad = "kvm";
    host.cluster_id = ClusterId{0};
    host.cluster = "default";
    host.share.total_cpu = host.share.max_cpu = 800;
    host.share.total_mem = host.share.max_mem = 8LL << 20;
    return host;
  }

  static Datastore a_datastore(const std::string& name, DatastoreType kind) {
    Datastore datastore;
    datastore.name = name;
    datastore.kind = kind;
    datastore.uid = UserId{0};
    datastore.tm_mad = "shared";
    datastore.ds_mad = kind == DatastoreType::system ? "-" : "fs";
    datastore.clusters = {ClusterId{0}};
    datastore.total_mb = datastore.free_mb = 100'000;
    datastore.attributes.set("SHARED", "YES");
    datastore.attributes.set("DS_MIGRATE", "YES");
    datastore.attributes.set("CLONE_TARGET", "SYSTEM");
    datastore.attributes.set("LN_TARGET", "NONE");
    return datastore;
  }

  static Status furnish(Draft& draft) {
    Cluster cluster;
    cluster.name = "default";
    cluster.hosts = {HostId{0}, HostId{1}};
    cluster.datastores = {DatastoreId{0}, DatastoreId{1}};
    NUBO_CHECK(draft.insert(std::move(cluster)));
    NUBO_CHECK(draft.insert(a_host("node1")));
    NUBO_CHECK(draft.insert(a_host("node2")));
    NUBO_CHECK(draft.insert(a_datastore("system", DatastoreType::system)));
    NUBO_CHECK(draft.insert(a_datastore("default", DatastoreType::image)));
    for (const bool persistent : {false, true}) {
      Image image;
      image.name = persistent ? "kept" : "base";
      image.uid = UserId{0};
      image.persistent = persistent;
      image.state = ImageState::ready;
      image.source = "/ds/1/base";
      image.format = "qcow2";
      image.size_mb = 1024;
      image.datastore_id = DatastoreId{1};
      NUBO_CHECK(draft.insert(std::move(image)));
    }
    VirtualNetwork network;
    network.name = "lan";
    network.uid = UserId{0};
    network.state = NetworkState::ready;
    network.bridge = "br0";
    network.vn_mad = "bridge";
    network.clusters = {ClusterId{0}};
    network.address_ranges.ranges.push_back({.attributes = {{"AR_ID", "0"},
                                                            {"TYPE", "IP4"},
                                                            {"IP", "10.0.0.10"},
                                                            {"SIZE", "5"},
                                                            {"MAC", "02:00:0a:00:00:0a"},
                                                            {"NEXT_INDEX", "0"},
                                                            {"SHARED", "NO"}},
                                             .allocated = {}});
    NUBO_CHECK(draft.insert(std::move(network)));
    return ok();
  }
};

}  // namespace nubo::test
