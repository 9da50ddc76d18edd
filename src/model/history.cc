// SPDX-License-Identifier: Apache-2.0
#include "model/history.h"

namespace nubo {

void write_field(XmlWriter& out, std::string_view name, const HistoryRecords& records,
                 unsigned flags) {
  if (records.list.empty()) return out.empty(name);
  out.open(name);
  for (const History& record : records.list) write_field(out, "HISTORY", record, flags);
  out.close(name);
}

void read_field(const XmlNode& element, HistoryRecords& records) {
  for (const XmlNode& child : element.children("HISTORY")) {
    read_fields(child, records.list.emplace_back());
  }
}

}  // namespace nubo
