// SPDX-License-Identifier: Apache-2.0
// State: all that is stored, opened (by one process at a time); at the first start filled with
// what every cloud begins with. Its destructor ends the writer before the files close.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "daemon/locations.h"
#include "daemon/metrics.h"
#include "store/database.h"
#include "store/monitoring_log.h"
#include "store/writer.h"
#include "text/template.h"

namespace nubo {

struct State {
  std::unique_ptr<Database> database;
  std::unique_ptr<MonitoringLog> monitoring;
  std::unique_ptr<Writer> writer;  // not started yet
};

/// Code::internal names the file and the reason. `clock` outlives the state; `metrics` counts its
/// transactions.
Result<State> open_state(const Template& config, const Locations& locations, const Clock& clock,
                         const Metrics& metrics);

}  // namespace nubo
