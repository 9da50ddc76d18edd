// SPDX-License-Identifier: Apache-2.0
// MONITORING_DATA documents of hosts and VMs (sheet xml.md §3.1, §3.2).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "api/context.h"

namespace nubo::api {

std::string monitoring_document(const std::vector<MonitoringRecord>& records);

template <class T>
std::set<int> ids_of(const std::vector<const Entry<T>*>& entries) {
  std::set<int> ids;
  for (const Entry<T>* entry : entries) ids.insert(entry->object.id.value);
  return ids;
}

/// The records of these objects: all with seconds -1, the newest with 0, else of the last seconds.
Result<Value> monitoring_of(const Context& call, Monitored kind, const std::set<int>& objects,
                            int seconds);

}  // namespace nubo::api
