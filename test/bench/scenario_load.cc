// SPDX-License-Identifier: Apache-2.0
// Calls under load: allocating machines, reading them one by one and in lists, and a mixture.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <random>

#include "bench/cloud.h"
#include "bench/floor.h"
#include "bench/stage.h"

namespace nubo::bench {
namespace {

constexpr std::size_t distinct_requests = 2000;

// The seed is fixed so that two daemons get the same requests.
std::mt19937 random_numbers(int worker) {
  return std::mt19937(1000U + static_cast<unsigned>(worker));
}

std::size_t pick(std::mt19937& random, std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

std::vector<Request> info_requests(const Target& target, Connection connection,
                                   const std::vector<int>& ids) {
  std::vector<int> chosen;
  auto random = random_numbers(0);
  std::ranges::sample(ids, std::back_inserter(chosen), distinct_requests, random);
  std::vector<Request> requests;
  for (const int id : chosen) {
    requests.push_back(request(target, connection, "one.vm.info", {id, false}));
  }
  return requests;
}

LoadPlan info_plan(const Stage& stage, Connection connection, const std::vector<int>& ids) {
  const auto requests = std::make_shared<const std::vector<Request>>(
      info_requests(stage.daemon.target(), connection, ids));
  LoadPlan plan{.connections = 8, .connection = connection, .duration = stage.sizes.duration};
  plan.source = [requests](int worker, int) -> Source {
    return [requests, random = random_numbers(worker)]() mutable -> std::optional<Request> {
      return (*requests)[pick(random, requests->size())];
    };
  };
  return plan;
}

LoadPlan mixed_plan(const Stage& stage, const std::vector<int>& ids) {
  const Target& target = stage.daemon.target();
  constexpr auto connection = Connection::keep_alive;
  const int first = ids[ids.size() - std::min<std::size_t>(100, ids.size())];
  const auto reads =
      std::make_shared<const std::vector<Request>>(info_requests(target, connection, ids));
  const Request page = request(target, connection, "one.vmpool.info", {-2, first, ids.back(), -1});
  LoadPlan plan{.connections = 32, .connection = connection, .duration = 2 * stage.sizes.duration};
  plan.source = [=, &ids](int worker, int) -> Source {
    return
        [=, &ids, random = random_numbers(worker), turn = 0]() mutable -> std::optional<Request> {
          const auto choice = pick(random, 10);
          ++turn;
          if (choice < 8) return (*reads)[pick(random, reads->size())];
          if (choice == 8) return page;
          const int id = ids[pick(random, ids.size())];
          return request(target, connection, "one.vm.update",
                         {id, fmt::format("BENCH_{}=\"v{}\"", turn % 4, turn), 1});
        };
  };
  return plan;
}

struct Goals {
  std::optional<Goal> per_second, p99_ms;
};

Status add_load(Stage& stage, const std::string& name, const LoadResult& result, Goals goals) {
  stage.figure(name, result.per_second(), "req/s", goals.per_second);
  stage.figure(name + ", p50", result.all().quantile_ms(50), "ms");
  stage.figure(name + ", p99", result.all().quantile_ms(99), "ms", goals.p99_ms);
  if (result.errors == 0) return ok();
  return fail(Code::internal, "{}: {} errors, first: {}", name, result.errors, result.first_error);
}

Status add_list(Stage& stage, std::string_view method, Goal goal) {
  constexpr int repetitions = 11;
  const Target& target = stage.daemon.target();
  LoadPlan plan{.connections = 1, .connection = Connection::close, .duration = Seconds(60)};
  plan.source = [&](int, int) -> Source {
    return [&, left = repetitions]() mutable -> std::optional<Request> {
      if (left-- == 0) return {};
      return request(target, Connection::close, method, {-2, -1, -1, -1});
    };
  };
  const LoadResult result = run_load(target, plan);
  if (result.errors > 0) return fail(Code::internal, "{}: {}", method, result.first_error);
  stage.figure(fmt::format("{}, {} VMs ({:.1f} MB)", method, stage.sizes.vms,
                           static_cast<double>(result.bytes) / repetitions / 1e6),
               result.all().quantile_ms(50), "ms", goal);
  return ok();
}

Result<std::vector<int>> fill(Stage& stage) {
  const LoadResult made = allocate_vms(stage.daemon.target(), stage.sizes.vms, 32);
  if (made.errors > 0) return fail(Code::internal, "one.vm.allocate: {}", made.first_error);
  NUBO_TRY(const States states, vm_states(stage.daemon));
  std::vector<int> ids;
  for (const VmState& vm : states) ids.push_back(vm.id);
  return ids;
}

Status restarts(Stage& stage) {
  for (int i = 0; i < 3; ++i) {
    NUBO_CHECK(stage.daemon.stop());
    NUBO_TRY(const Seconds time, stage.daemon.start(Daemon::Database::kept));
    if (i == 2) {
      stage.figure(fmt::format("start to first answer, {} VMs", stage.sizes.vms), time.count(), "s",
                   at_most(0.3));
    }
  }
  return ok();
}

}  // namespace

Status play_allocate(Stage& stage) {
  NUBO_CHECK(stage.daemon.start(Daemon::Database::fresh));
  const Target& target = stage.daemon.target();
  NUBO_TRY(const double floor_before, least_durable_service(stage.daemon.directory()));
  const LoadResult one_by_one = allocate_vms(target, stage.sizes.vms, 1);
  NUBO_TRY(const double floor_after, least_durable_service(stage.daemon.directory()));
  NUBO_CHECK(add_load(stage, "vm.allocate, 1 client", one_by_one, {at_least(4000), at_most(2)}));
  stage.figure("a bare socket with fdatasync, 1 client", (floor_before + floor_after) / 2, "req/s");
  NUBO_CHECK(add_load(stage, "vm.allocate, 32 clients",
                      allocate_vms(target, 4 * stage.sizes.vms, 32),
                      {at_least(15'000), at_most(10)}));
  NUBO_CHECK(add_load(stage, "vm.allocate, 8 clients, closing each",
                      allocate_vms(target, stage.sizes.vms, 8, Connection::close), {}));
  return stage.daemon.stop();
}

Status play_read(Stage& stage) {
  NUBO_CHECK(stage.daemon.start(Daemon::Database::fresh));
  NUBO_TRY(const std::vector<int> ids, fill(stage));
  const Target& target = stage.daemon.target();
  NUBO_CHECK(add_load(stage, "vm.info, 8 clients",
                      run_load(target, info_plan(stage, Connection::keep_alive, ids)),
                      {at_least(30'000), {}}));
  NUBO_CHECK(add_load(stage, "vm.info, 8 clients, closing each",
                      run_load(target, info_plan(stage, Connection::close, ids)),
                      {at_least(12'000), {}}));
  NUBO_CHECK(add_list(stage, "one.vmpool.info", at_most(10)));
  NUBO_CHECK(add_list(stage, "one.vmpool.infoextended", at_most(25)));
  NUBO_CHECK(add_load(stage, "mixed, 32 clients", run_load(target, mixed_plan(stage, ids)),
                      {at_least(15'000), at_most(10)}));
  NUBO_CHECK(restarts(stage));
  return stage.daemon.stop();
}

Status play_memory(Stage& stage) {
  constexpr std::size_t template_size = 10'000;
  NUBO_CHECK(stage.daemon.start(Daemon::Database::fresh));
  const LoadResult made = allocate_vms(stage.daemon.target(), stage.sizes.vms, 8,
                                       Connection::keep_alive, template_size);
  if (made.errors > 0) return fail(Code::internal, "one.vm.allocate: {}", made.first_error);
  for (int i = 0; i < 5; ++i) {
    NUBO_CHECK(stage.daemon.text("one.vmpool.info", {-2, -1, -1, -1}));
    NUBO_CHECK(stage.daemon.text("one.vmpool.infoextended", {-2, -1, -1, -1}));
  }
  const TreeUsage usage = stage.daemon.usage();
  const auto name = fmt::format("memory, {} VMs of 10 KB", stage.sizes.vms);
  stage.figure(name + ", daemon", usage.root.resident_mib, "MiB", at_most(200));
  stage.figure(name + ", drivers", usage.children.resident_mib, "MiB", at_most(60));
  return stage.daemon.stop();
}

}  // namespace nubo::bench
