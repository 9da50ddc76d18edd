// SPDX-License-Identifier: Apache-2.0
// Where a scenario plays: the daemon under test, the sizes asked for, and the figures so far.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/daemon.h"
#include "bench/report.h"

namespace nubo::bench {

struct Sizes {
  int vms = 10'000;
  int hosts = 1'250;
  int placed_vms = 5'000;
  int deployed_vms = 500;
  int deploy_hosts = 50;
  int monitored_vms = 20'000;
  Seconds duration{5};  // of each timed load
  Seconds soak{1200};
  int kills = 5;
};

struct Stage {
  Daemon& daemon;
  const Sizes& sizes;
  Report& report;

  void figure(const std::string& name, double value, std::string_view unit,
              std::optional<Goal> goal = {}) {
    report.add(daemon.target().label, name, value, unit, goal);
  }
};

struct Scenario {
  std::string_view name;
  std::string_view subject;
  bool is_long;  // not part of a run without names
  Status (*play)(Stage&);
};

Status play_allocate(Stage& stage);
Status play_read(Stage& stage);
Status play_memory(Stage& stage);
Status play_deploy(Stage& stage);
Status play_deploy_full(Stage& stage);
Status play_placement(Stage& stage);
Status play_idle(Stage& stage);
Status play_durability(Stage& stage);
Status play_overload(Stage& stage);
Status play_growth(Stage& stage);
Status play_history(Stage& stage);
Status play_soak(Stage& stage);

}  // namespace nubo::bench
