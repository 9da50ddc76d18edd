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
constexpr std::size_t living = 1000;  // machines at a time

// Machines that this load made, oldest first. Of a hundred calls one makes a machine and, when
// there are enough, one ends the oldest.
class Churn {
 public:
  Churn(const Target& target, int vm_template) : target_(target), template_(vm_template) {}

  Request next() {
    const int step = step_++ % 100;
    if (step == 0 || living_.empty()) return instantiate();
    if (step == 50 && living_.size() > living) {
      const int oldest = living_.front();
      living_.pop_front();
      return call(end_method, {"terminate-hard", oldest});
    }
    if (step == 25) return call("one.vmpool.info", {-2, -1, -1, -1});
    // Not the oldest: it may end while this call is on its way.
    const std::size_t oldest = living_.size() / 4;
    const int id = living_[oldest + static_cast<std::size_t>(step_) % (living_.size() - oldest)];
    if (step % 10 == 5) return call("one.vm.update", {id, fmt::format("STEP=\"{}\"", step_), 1});
    return call("one.vm.info", {id, false});
  }

  void note(std::string_view method, std::string_view body) {
    if (method == end_method) ++ended_;
    if (method != make_method) return;
    const auto answer = client::decode_reply(body);
    const int* id = answer ? std::get_if<int>(&*answer) : nullptr;
    if (id != nullptr) living_.push_back(*id);
  }

  int ended() const { return ended_; }

 private:
  static constexpr std::string_view make_method = "one.template.instantiate";
  static constexpr std::string_view end_method = "one.vm.action";

  Request instantiate() const {
    return call(make_method, {template_, fmt::format("soak-{}", step_), false, "", false});
  }

  Request call(std::string_view method, const client::Params& params) const {
    return request(target_, Connection::keep_alive, method, params);
  }

  const Target& target_;
  int template_;
  int step_ = 0;
  int ended_ = 0;
  std::deque<int> living_;
};

struct Sample {
  double per_second, p99_ms, memory_mib, driver_memory_mib, descriptors, refused;
};

Sample play_round(Stage& stage, Churn& churn) {
  LoadPlan plan{.connections = 8, .duration = stage.sizes.soak / rounds};
  plan.source = [&churn](int, int) -> Source {
    return [&churn] { return std::optional(churn.next()); };
  };
  plan.on_answer = [&churn](std::string_view method, std::string_view body) {
    churn.note(method, body);
  };
  const LoadResult result = run_load(stage.daemon.target(), plan);
  const TreeUsage usage = stage.daemon.usage();
  return {.per_second = result.per_second(),
          .p99_ms = result.all().quantile_ms(99),
          .memory_mib = usage.root.resident_mib,
          .driver_memory_mib = usage.children.resident_mib,
          .descriptors = static_cast<double>(usage.root.descriptors),
          .refused = static_cast<double>(result.errors)};
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
               double Sample::*member, Goal goal = at_most(1.25)) {
  const double first = half(samples, false, member);
  const double second = half(samples, true, member);
  stage.figure("soak: " + name, second, "");
  stage.figure("soak: " + name + ", second half / first", first > 0 ? second / first : 1, "", goal);
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
  stage.figure("soak: machines ended", churn.ended(), "");
  double refused = 0;
  for (const Sample& sample : samples) refused += sample.refused;
  stage.figure("soak: calls refused", refused, "", at_most(0));
  add_trend(stage, samples, "calls, 1/s", &Sample::per_second, at_least(0.8));
  add_trend(stage, samples, "p99, ms", &Sample::p99_ms);
  add_trend(stage, samples, "memory of the daemon, MiB", &Sample::memory_mib);
  add_trend(stage, samples, "memory of the drivers, MiB", &Sample::driver_memory_mib);
  add_trend(stage, samples, "open files", &Sample::descriptors);
  return stage.daemon.stop();
}

}  // namespace nubo::bench
