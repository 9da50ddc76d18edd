// SPDX-License-Identifier: Apache-2.0
// MONITORING_DATA documents of hosts and VMs (sheet xml.md §3.1, §3.2).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/context.h"

namespace nubo::api {

std::string monitoring_document(const std::vector<MonitoringRecord>& records);

/// The records of the objects that are `wanted`: all with seconds -1, the newest with 0, else of
/// the last seconds.
Result<Value> monitoring_of(const Context& call, Monitored kind,
                            const std::function<bool(int)>& wanted, int seconds);

}  // namespace nubo::api
