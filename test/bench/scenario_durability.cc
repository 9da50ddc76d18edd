// SPDX-License-Identifier: Apache-2.0
// SIGKILL under writers: every machine whose allocation was answered is there afterwards.
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "bench/cloud.h"
#include "bench/stage.h"
#include "client/codec.h"

namespace nubo::bench {
namespace {

constexpr Seconds time_under_load{2};

struct Flood {
  std::vector<int> acknowledged;
  Status killed;
};

int answered_id(std::string_view body) {
  const auto answer = client::decode_reply(body);
  const int* id = answer ? std::get_if<int>(&*answer) : nullptr;
  return id == nullptr ? -1 : *id;
}

Flood kill_under_writers(Daemon& daemon) {
  Flood flood;
  const Target& target = daemon.target();
  LoadPlan plan{.connections = 8, .duration = 2 * time_under_load};
  plan.source = [&](int, int) -> Source {
    return [&, number = 0]() mutable -> std::optional<Request> {
      return request(target, Connection::keep_alive, "one.vm.allocate",
                     {vm_template(number++), true});
    };
  };
  plan.on_answer = [&flood](std::string_view, std::string_view body) {
    flood.acknowledged.push_back(answered_id(body));
  };
  std::jthread killer([&] {
    std::this_thread::sleep_for(time_under_load);
    flood.killed = daemon.kill();
  });
  run_load(target, plan);
  killer.join();
  return flood;
}

}  // namespace

Status play_durability(Stage& stage) {
  NUBO_CHECK(stage.daemon.start(Daemon::Database::fresh));
  std::size_t acknowledged = 0;
  std::size_t lost = 0;
  for (int i = 0; i < stage.sizes.kills; ++i) {
    Flood flood = kill_under_writers(stage.daemon);
    NUBO_CHECK(flood.killed);
    NUBO_CHECK(stage.daemon.start(Daemon::Database::kept));
    NUBO_TRY(const States states, vm_states(stage.daemon));
    std::vector<int> there;
    for (const VmState& vm : states) there.push_back(vm.id);
    std::ranges::sort(there);
    acknowledged += flood.acknowledged.size();
    lost += static_cast<std::size_t>(std::ranges::count_if(
        flood.acknowledged, [&](int id) { return !std::ranges::binary_search(there, id); }));
  }
  const auto name = fmt::format("SIGKILL under 8 writers, {} times", stage.sizes.kills);
  stage.figure(name + ", lost", static_cast<double>(lost), "VMs", at_most(0));
  stage.figure(name + ", acknowledged", static_cast<double>(acknowledged), "VMs");
  return stage.daemon.stop();
}

}  // namespace nubo::bench
