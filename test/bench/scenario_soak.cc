// SPDX-License-Identifier: Apache-2.0
// Mixed load for a long time: machines are made, placed, read, changed and terminated. Memory,
// descriptors and latency of the second half must be those of the first.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include "bench/cloud.h"
#include "bench/stage.h"
#include "client/codec.h"

namespace nubo::bench {
namespace {

constexpr int rounds = 20;
constexpr std::size_t living = 500;  // machines at a time

// Machines that this load made, oldest first; a step terminates one when there are enough.
class Churn {
 public:
  Churn(const Target& target, int vm_template) : target_(target), template_(vm_template) {}

  Request next() {
    const int step = step_++;
    if (living_.empty() || (step % 10 == 0 && living_.size() < living)) return instantiate(step);
    const int id = living_[static_cast<std::size_t>(step) % living_.size()];
    if (step % 10 == 0) {
      const int oldest = living_.front();
      living_.pop_front();
      return call("one.vm.action", {"terminate-hard", oldest});
    }
    if (step % 10 == 5) return call("one.vm.update", {id, fmt::format("STEP=\"{}\"", step), 1});
    if (step % 50 == 1) return call("one.vmpool.info", {-2, -1, -1, -1});
    return call("one.vm.info", {id, false});
  }

  void add(int id) { living_.push_back(id); }

 private:
  Request instantiate(int step) const {
    return call("one.template.instantiate",
                {template_, fmt::format("soak-{}", step), false, "", false});
  }

  Request call(std::string_view method, const client::Params& params) const {
    return request(target_, Connection::keep_alive, method, params);
  }

  const Target& target_;
  int template_;
  int step_ = 0;
  std::deque<int> living_;
};

struct Sample {
  double p99_ms, memory_mib, driver_memory_mib, descriptors;
};

Sample play_round(Stage& stage, Churn& churn) {
  LoadPlan plan{.connections = 8, .duration = stage.sizes.soak / rounds};
  plan.source = [&churn](int, int) -> Source {
    return [&churn] { return std::optional(churn.next()); };
  };
  plan.on_answer = [&churn](std::string_view body) {
    const auto answer = client::decode_reply(body);
    const int* id = answer ? std::get_if<int>(&*answer) : nullptr;
    if (id != nullptr) churn.add(*id);
  };
  const LoadResult result = run_load(stage.daemon.target(), plan);
  const TreeUsage usage = stage.daemon.usage();
  return {.p99_ms = result.all().quantile_ms(99),
          .memory_mib = usage.root.resident_mib,
          .driver_memory_mib = usage.children.resident_mib,
          .descriptors = static_cast<double>(usage.root.descriptors)};
}

// The median of one half of the rounds.
double half(const std::vector<Sample>& samples, bool second, double Sample::*member) {
  std::vector<double> values;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if ((i >= samples.size() / 2) == second) values.push_back(samples[i].*member);
  }
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void add_trend(Stage& stage, const std::vector<Sample>& samples, const std::string& name,
               double Sample::*member) {
  const double first = half(samples, false, member);
  const double second = half(samples, true, member);
  stage.figure("soak: " + name, second, "");
  stage.figure("soak: " + name + ", second half / first", first > 0 ? second / first : 1, "",
               at_most(1.25));
}

}  // namespace

Status play_soak(Stage& stage) {
  NUBO_CHECK(stage.daemon.start(Daemon::Database::fresh));
  NUBO_TRY(const int vm_template,
           build_cloud(stage.daemon, stage.sizes.deploy_hosts, Machines::with_disk_and_nic));
  Churn churn(stage.daemon.target(), vm_template);
  play_round(stage, churn);  // to its working size
  std::vector<Sample> samples;
  for (int i = 0; i < rounds; ++i) samples.push_back(play_round(stage, churn));
  add_trend(stage, samples, "p99, ms", &Sample::p99_ms);
  add_trend(stage, samples, "memory of the daemon, MiB", &Sample::memory_mib);
  add_trend(stage, samples, "memory of the drivers, MiB", &Sample::driver_memory_mib);
  add_trend(stage, samples, "open files", &Sample::descriptors);
  return stage.daemon.stop();
}

}  // namespace nubo::bench
