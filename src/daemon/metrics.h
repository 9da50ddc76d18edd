// SPDX-License-Identifier: Apache-2.0
// Metrics: what oned counts about itself, at GET /metrics in Prometheus' text format on an address
// of its own (docs/metrics.md lists them). Calls and commits are counted as they happen; queues,
// hosts and VMs when somebody asks. prometheus-cpp is the library, with its threads, and stays
// behind metrics.cc. Any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/call.h"
#include "drivers/outcome.h"
#include "model/snapshot.h"
#include "store/database.h"
#include "text/template.h"

namespace nubo {

struct MetricsCore;

class Metrics {
 public:
  /// Looked at when somebody asks, on the library's thread; must stay until stop().
  struct Sources {
    std::function<SnapshotPtr()> snapshot;
    std::function<Result<long long>()> done_vms;  // counts them: asked once a minute at most
    std::function<std::vector<DriverStats>()> drivers;
    std::function<std::chrono::seconds()> longest_silence;  // of a host that is monitored
  };

  Metrics();
  Metrics(Metrics&&) = default;
  Metrics& operator=(Metrics&&) = delete;
  ~Metrics();

  /// The same service, whose calls are counted by method and outcome, with their times from the
  /// decoded call to its reply.
  api::Service measured(api::Service service) const;

  /// The same database, whose transactions are counted.
  std::unique_ptr<Database> measured(std::unique_ptr<Database> database) const;

  /// Answers from now on where METRICS of `config` says; port 0: nowhere. Code::internal with
  /// address and port.
  Status listen(const Template& config, Sources sources);
  void stop();

 private:
  std::shared_ptr<MetricsCore> core_;
};

}  // namespace nubo
