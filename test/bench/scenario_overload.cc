// SPDX-License-Identifier: Apache-2.0
// What others notice of clients that misbehave, and what the daemon spends on them.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <thread>

#include "bench/cloud.h"
#include "bench/idle_peers.h"
#include "bench/stage.h"

namespace nubo::bench {
namespace {

constexpr int idle_connections = 10'000;
constexpr int crowd = 1'000;
constexpr int slow_readers = 200;
constexpr int dribblers = 1'000;
constexpr double memory_bound_mib = 1024;

LoadResult others(const Stage& stage, int connections, Connection connection) {
  const Target& target = stage.daemon.target();
  LoadPlan plan{
      .connections = connections, .connection = connection, .duration = stage.sizes.duration};
  plan.source = [&, connection](int, int) -> Source {
    return [info = request(target, connection, "one.vm.info", {0, false})] {
      return std::optional(info);
    };
  };
  return run_load(target, plan);
}

// What eight well-behaved clients see, four of them newcomers with each call, and the daemon's
// memory, while `disturb` goes on.
Status observe(Stage& stage, const std::string& name, const std::function<void()>& disturb) {
  LoadResult seen;
  LoadResult new_seen;
  {
    const std::jthread disturber([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        disturb();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    });
    const std::jthread newcomers([&] { new_seen = others(stage, 4, Connection::close); });
    seen = others(stage, 4, Connection::keep_alive);
  }
  stage.figure(name + ": p99 of 4 others", seen.all().quantile_ms(99), "ms", at_most(50));
  stage.figure(name + ": p99 of 4 newcomers", new_seen.all().quantile_ms(99), "ms", at_most(50));
  stage.figure(name + ": memory", stage.daemon.usage().root.resident_mib, "MiB",
               at_most(memory_bound_mib));
  for (const LoadResult& result : {seen, new_seen}) {
    if (result.errors == 0) continue;
    return fail(Code::internal, "{}: {} errors, first: {}", name, result.errors,
                result.first_error);
  }
  return ok();
}

Status with_idle(Stage& stage) {
  NUBO_CHECK(allow_descriptors(idle_connections + 1000));
  NUBO_TRY(const IdlePeers peers, IdlePeers::open(stage.daemon.target(), idle_connections));
  NUBO_CHECK(observe(stage, fmt::format("{} idle connections", idle_connections), [] {}));
  stage.figure(fmt::format("{} idle connections: kept", idle_connections), peers.open_count(), "");
  return ok();
}

Status with_dribblers(Stage& stage) {
  const Target& target = stage.daemon.target();
  NUBO_TRY(IdlePeers peers, IdlePeers::open(target, dribblers));
  const std::string bytes =
      request(target, Connection::keep_alive, "one.vm.info", {0, false}).bytes;
  return observe(stage, fmt::format("{} clients of some bytes a second", dribblers),
                 [&] { peers.dribble(bytes); });
}

Status with_slow_readers(Stage& stage) {
  const Target& target = stage.daemon.target();
  constexpr int small_window = 4096;
  NUBO_TRY(IdlePeers peers, IdlePeers::open(target, slow_readers, small_window));
  peers.send(
      request(target, Connection::keep_alive, "one.vmpool.infoextended", {-2, -1, -1, -1}).bytes);
  NUBO_CHECK(observe(stage, fmt::format("{} slow readers of a large list", slow_readers),
                     [&] { peers.sip(small_window); }));
  const auto began = Steady::now();
  NUBO_CHECK(stage.daemon.text("one.vmpool.infoextended", {-2, -1, -1, -1}));
  stage.figure("the list itself, beside them", Seconds(Steady::now() - began).count(), "s");
  return ok();
}

Status with_crowd(Stage& stage) {
  NUBO_CHECK(allow_descriptors(crowd + 1000));
  const LoadResult seen = others(stage, crowd, Connection::keep_alive);
  const auto name = fmt::format("vm.info, {} clients at once", crowd);
  stage.figure(name, seen.per_second(), "req/s");
  stage.figure(name + ", p99", seen.all().quantile_ms(99), "ms", at_most(1000));
  stage.figure(name + ", refused", static_cast<double>(seen.errors), "");
  return ok();
}

}  // namespace

Status play_overload(Stage& stage) {
  NUBO_CHECK(stage.daemon.start(Daemon::Database::fresh));
  constexpr std::size_t template_size = 10'000;
  const LoadResult made = allocate_vms(stage.daemon.target(), stage.sizes.vms, 8,
                                       Connection::keep_alive, template_size);
  if (made.errors > 0) return fail(Code::internal, "one.vm.allocate: {}", made.first_error);
  NUBO_CHECK(with_crowd(stage));
  NUBO_CHECK(with_idle(stage));
  NUBO_CHECK(with_dribblers(stage));
  NUBO_CHECK(with_slow_readers(stage));
  return stage.daemon.stop();
}

}  // namespace nubo::bench
