// SPDX-License-Identifier: Apache-2.0
#include "api/monitoring_documents.h"

#include <map>

namespace nubo::api {

std::string monitoring_document(const std::vector<MonitoringRecord>& records) {
  std::string document = "<MONITORING_DATA>";
  for (const MonitoringRecord& record : records) document += record.body;
  return document + "</MONITORING_DATA>";
}

Result<Value> monitoring_of(const Context& call, Monitored kind,
                            const std::function<bool(int)>& wanted, int seconds) {
  MonitoringLog& log = call.env.monitoring;
  std::vector<MonitoringRecord> records;
  if (seconds == 0) {
    records = log.newest(kind);
  } else {
    const EpochSeconds since =
        seconds < 0 ? EpochSeconds(0) : call.env.clock.now() - EpochSeconds(seconds);
    NUBO_TRY(records, log.read(kind, {.since = since}));
  }
  std::map<int, bool> known;
  std::erase_if(records, [&](const MonitoringRecord& record) {
    const auto [place, is_first] = known.try_emplace(record.object);
    if (is_first) place->second = wanted(record.object);
    return !place->second;
  });
  return Value(monitoring_document(records));
}

}  // namespace nubo::api
