// SPDX-License-Identifier: Apache-2.0
#include "store/id_counters.h"

#include <algorithm>

#include "store/database.h"

namespace nubo {

void IdCounters::add_table(int kept, int newest) {
  counters_.push_back({kept, std::max(kept, newest), newest >= kept});
}

std::vector<int> IdCounters::last() const {
  std::vector<int> all;
  for (const Counter& counter : counters_) all.push_back(counter.last);
  return all;
}

IdCounters::Due IdCounters::advance(const Writes& writes) {
  for (const auto& [table, last] : writes.counters) {
    counters_[table].last = last;
    counters_[table].has_row = false;
  }
  for (const RowWrite& row : writes.rows) {
    Counter& counter = counters_[row.table];
    if (row.oid == counter.last) counter.has_row = !row.cells.empty();
  }
  Due due;
  for (std::size_t table = 0; table < counters_.size(); ++table) {
    Counter& counter = counters_[table];
    if (counter.has_row || counter.kept == counter.last) continue;
    counter.kept = counter.last;
    due.emplace_back(table, counter.last);
  }
  return due;
}

}  // namespace nubo
