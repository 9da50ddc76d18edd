// SPDX-License-Identifier: Apache-2.0
// The same work at growing sizes: what a machine costs in memory, in lists, at start, and what a
// call for one machine and a placement cost beside many others.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "bench/cloud.h"
#include "bench/stage.h"

namespace nubo::bench {
namespace {

struct Size {
  int vms, hosts;
};

constexpr std::array sizes{Size{1'000, 100}, Size{10'000, 1'250}, Size{100'000, 1'250},
                           Size{300'000, 5'000}};

double milliseconds(Steady::time_point since) {
  return Seconds(Steady::now() - since).count() * 1000;
}

double p50_of_info(const Target& target, int id) {
  LoadPlan plan{.connections = 1, .duration = Seconds(2)};
  plan.source = [&](int, int) -> Source {
    return [info = request(target, Connection::keep_alive, "one.vm.info", {id, false})] {
      return std::optional(info);
    };
  };
  return run_load(target, plan).all().quantile_ms(50);
}

// From the release of one machine to the answer that says that it has been placed.
Result<double> place_one(const Daemon& daemon, int id) {
  const auto began = Steady::now();
  NUBO_CHECK(daemon.call("one.vm.action", {"release", id}));
  while (true) {
    NUBO_TRY(const std::string document, daemon.text("one.vm.info", {id, false}));
    if (document.find("<STATE>3</STATE>") != std::string::npos) return milliseconds(began);
    if (milliseconds(began) > 60'000) return fail(Code::internal, "VM {} is not placed", id);
  }
}

/// Median of some one after the other.
template <class Work>
Result<double> median_of(int count, Work&& work) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    NUBO_TRY(const double time, work(i));
    times.push_back(time);
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

Result<double> list(const Daemon& daemon) {
  const auto began = Steady::now();
  NUBO_CHECK(daemon.text("one.vmpool.info", {-2, -1, -1, -1}));
  return milliseconds(began);
}

Status play_at(Stage& stage, Size size) {
  const auto name = fmt::format("{} VMs, {} hosts: ", size.vms, size.hosts);
  Daemon& daemon = stage.daemon;
  NUBO_CHECK(daemon.start(Daemon::Database::fresh));
  NUBO_CHECK(build_cloud(daemon, size.hosts, Machines::bare));
  const double empty = daemon.usage().root.resident_mib;
  const LoadResult made = allocate_vms(daemon.target(), size.vms, 32);
  if (made.errors > 0) return fail(Code::internal, "one.vm.allocate: {}", made.first_error);
  stage.figure(name + "vm.allocate, 32 clients", made.per_second(), "req/s");
  stage.figure(name + "memory a VM", (daemon.usage().root.resident_mib - empty) * 1024 / size.vms,
               "KiB");
  stage.figure(name + "vm.info", p50_of_info(daemon.target(), size.vms / 2), "ms");
  NUBO_TRY(const double placed,
           median_of(9, [&](int i) { return place_one(daemon, size.vms / 2 + i); }));
  stage.figure(name + "place one VM", placed, "ms");
  NUBO_TRY(const double first_list, list(daemon));
  stage.figure(name + "first vmpool.info, decoded", first_list, "ms");
  NUBO_TRY(const double next_list, median_of(3, [&](int) { return list(daemon); }));
  stage.figure(name + "next vmpool.info, decoded", next_list, "ms");
  NUBO_CHECK(daemon.stop());
  NUBO_TRY(const Seconds start, daemon.start(Daemon::Database::kept));
  stage.figure(name + "start to first answer", start.count(), "s");
  return daemon.stop();
}

}  // namespace

Status play_growth(Stage& stage) {
  for (const Size size : sizes) NUBO_CHECK(play_at(stage, size));
  return ok();
}

}  // namespace nubo::bench
