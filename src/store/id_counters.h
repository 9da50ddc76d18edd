// SPDX-License-Identifier: Apache-2.0
// IdCounters: the last id given out, by table, and when pool_control has to be told. As long as the
// newest row of a table is there, its oid is the last id, and the counter's page stays out of the
// transaction; when that row goes, the counter goes to the disk with it (docs/decisions/0013).
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace nubo {

struct Writes;

class IdCounters {
 public:
  /// Places of table_shapes(), ids.
  using Due = std::vector<std::pair<std::size_t, int>>;

  /// A table's last id in pool_control and the highest oid among its rows; -1 where none is.
  void add_table(int kept, int newest);

  /// The last ids given out, by table; -1 where none was.
  std::vector<int> last() const;

  /// Takes over what the writes do; what pool_control has to be told in the same transaction.
  Due advance(const Writes& writes);

 private:
  struct Counter {
    int kept;
    int last;
    bool has_row;  // a row has `last` as its oid
  };

  std::vector<Counter> counters_;
};

}  // namespace nubo
