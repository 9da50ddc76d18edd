// SPDX-License-Identifier: Apache-2.0
// Machines that were: what those that are done cost in memory and at start, and how long calls take
// that show them.
#include <fmt/format.h>

#include <numeric>

#include "bench/cloud.h"
#include "bench/stage.h"

namespace nubo::bench {
namespace {

Status add_time(Stage& stage, const std::string& name, std::string_view method,
                const client::Params& params) {
  const auto began = Steady::now();
  NUBO_CHECK(stage.daemon.text(method, params));
  const double taken = Seconds(Steady::now() - began).count() * 1000;
  stage.figure(fmt::format("{}, {} VMs done", name, stage.sizes.vms), taken, "ms");
  return ok();
}

Status end_all(Stage& stage) {
  const Target& target = stage.daemon.target();
  std::vector<int> ids(static_cast<std::size_t>(stage.sizes.vms));
  std::iota(ids.begin(), ids.end(), 0);
  const LoadResult ended = for_each_id(target, ids, 1, [&target](int id) {
    return request(target, Connection::keep_alive, "one.vm.action", {"terminate-hard", id});
  });
  if (ended.errors > 0) return fail(Code::internal, "one.vm.action: {}", ended.first_error);
  stage.figure("terminate-hard of VMs on hold, 1 client", ended.per_second(), "req/s");
  return ok();
}

}  // namespace

Status play_history(Stage& stage) {
  Daemon& daemon = stage.daemon;
  NUBO_CHECK(daemon.start(Daemon::Database::fresh));
  const LoadResult made = allocate_vms(daemon.target(), stage.sizes.vms, 32);
  if (made.errors > 0) return fail(Code::internal, "one.vm.allocate: {}", made.first_error);
  NUBO_CHECK(end_all(stage));
  NUBO_CHECK(daemon.stop());
  NUBO_TRY(const Seconds start, daemon.start(Daemon::Database::kept));
  stage.figure(fmt::format("start to first answer, {} VMs done", stage.sizes.vms), start.count(),
               "s");
  stage.figure(fmt::format("memory, {} VMs done", stage.sizes.vms),
               daemon.usage().root.resident_mib, "MiB");
  NUBO_CHECK(add_time(stage, "vm.info of one", "one.vm.info", {stage.sizes.vms / 2, false}));
  NUBO_CHECK(add_time(stage, "vmpool.info, page of 100", "one.vmpool.info", {-2, 0, -100, -2}));
  NUBO_CHECK(add_time(stage, "vmpool.info", "one.vmpool.info", {-2, -1, -1, 6}));
  NUBO_CHECK(add_time(stage, "vmpool.accounting", "one.vmpool.accounting", {-2, -1, -1}));
  return daemon.stop();
}

}  // namespace nubo::bench
