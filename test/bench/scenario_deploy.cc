// SPDX-License-Identifier: Apache-2.0
// From pending to running through the scheduler and dummy drivers, placing many at once, and what
// the daemon costs while nothing happens but monitoring.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <thread>

#include "bench/cloud.h"
#include "bench/stage.h"

namespace nubo::bench {
namespace {

constexpr Seconds limit{420};

auto all_running(int count) {
  return [count](const States& states) {
    return std::ranges::count_if(states, &VmState::is_running) >= count;
  };
}

std::vector<int> numbers(int count) {
  std::vector<int> made(static_cast<std::size_t>(count));
  std::iota(made.begin(), made.end(), 0);
  return made;
}

LoadResult instantiate(const Target& target, int vm_template, int count) {
  return for_each_id(target, numbers(count), 8, [&](int number) {
    return request(target, Connection::keep_alive, "one.template.instantiate",
                   {vm_template, fmt::format("bench-{}", number), false, "", false});
  });
}

Status deploy(Stage& stage, Machines machines, const std::string& name) {
  NUBO_CHECK(stage.daemon.start(Daemon::Database::fresh));
  NUBO_TRY(const int vm_template, build_cloud(stage.daemon, stage.sizes.deploy_hosts, machines));
  const int count = stage.sizes.deployed_vms;
  const auto began = Steady::now();
  const LoadResult made = instantiate(stage.daemon.target(), vm_template, count);
  if (made.errors > 0) return fail(Code::internal, "instantiate: {}", made.first_error);
  NUBO_CHECK(watch(stage.daemon, limit, all_running(count)));
  stage.figure(name, Seconds(Steady::now() - began).count(), "s", at_most(1));
  return stage.daemon.stop();
}

Result<std::vector<int>> hold_vms(Stage& stage, int count) {
  const LoadResult made = allocate_vms(stage.daemon.target(), count, 8);
  if (made.errors > 0) return fail(Code::internal, "one.vm.allocate: {}", made.first_error);
  NUBO_TRY(const States states, vm_states(stage.daemon));
  std::vector<int> ids;
  for (const VmState& vm : states) ids.push_back(vm.id);
  return ids;
}

LoadResult release(const Target& target, const std::vector<int>& ids) {
  return for_each_id(target, ids, 8, [&target](int id) {
    return request(target, Connection::keep_alive, "one.vm.action", {"release", id});
  });
}

}  // namespace

Status play_deploy(Stage& stage) {
  return deploy(stage, Machines::bare,
                fmt::format("{} VMs, pending to running, {} hosts", stage.sizes.deployed_vms,
                            stage.sizes.deploy_hosts));
}

Status play_deploy_full(Stage& stage) {
  return deploy(stage, Machines::with_disk_and_nic,
                fmt::format("{} VMs with disk and NIC, pending to running, {} hosts",
                            stage.sizes.deployed_vms, stage.sizes.deploy_hosts));
}

Status play_placement(Stage& stage) {
  NUBO_CHECK(stage.daemon.start(Daemon::Database::fresh));
  NUBO_CHECK(build_cloud(stage.daemon, stage.sizes.hosts, Machines::bare));
  NUBO_TRY(const std::vector<int> ids, hold_vms(stage, stage.sizes.placed_vms));
  const auto began = Steady::now();
  const LoadResult released = release(stage.daemon.target(), ids);
  if (released.errors > 0) return fail(Code::internal, "release: {}", released.first_error);
  NUBO_CHECK(watch(stage.daemon, limit, std::mem_fn(&States::empty), pending_state));
  const auto name =
      fmt::format("{} pending VMs x {} hosts", stage.sizes.placed_vms, stage.sizes.hosts);
  stage.figure(name + ", all placed", Seconds(Steady::now() - began).count(), "s", at_most(2));
  NUBO_CHECK(watch(stage.daemon, limit, all_running(stage.sizes.placed_vms)));
  stage.figure(name + ", all running", Seconds(Steady::now() - began).count(), "s");
  return stage.daemon.stop();
}

Status play_idle(Stage& stage) {
  constexpr Seconds period{60};  // of monitoring
  NUBO_CHECK(stage.daemon.start(Daemon::Database::fresh));
  NUBO_CHECK(build_cloud(stage.daemon, stage.sizes.hosts, Machines::bare));
  const int count = stage.sizes.monitored_vms;
  NUBO_TRY(const std::vector<int> ids, hold_vms(stage, count));
  const LoadResult released = release(stage.daemon.target(), ids);
  if (released.errors > 0) return fail(Code::internal, "release: {}", released.first_error);
  NUBO_CHECK(watch(stage.daemon, limit, all_running(count)));
  std::this_thread::sleep_for(period);
  const TreeUsage before = stage.daemon.usage();
  std::this_thread::sleep_for(2 * period);
  const TreeUsage after = stage.daemon.usage();
  const auto name = fmt::format("idle, {} hosts, {} VMs monitored", stage.sizes.hosts, count);
  const auto share = [&](const Usage& from, const Usage& to) {
    return 100 * (to.cpu - from.cpu) / (2 * period);
  };
  stage.figure(name + ", CPU of the daemon", share(before.root, after.root), "% of a core",
               at_most(10));
  stage.figure(name + ", CPU of the drivers", share(before.children, after.children),
               "% of a core");
  stage.figure(name + ", memory of the daemon", after.root.resident_mib, "MiB");
  return stage.daemon.stop();
}

}  // namespace nubo::bench
