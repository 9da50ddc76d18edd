// SPDX-License-Identifier: Apache-2.0
// Deletes VMs that are DONE from a database, also while oned works on it: oned keeps nothing of them
// in memory, and this takes small bites with pauses, so that no commit waits long. Their ids are not
// given again. For onedb; any thread.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace nubo {

struct PurgeQuery {
  EpochSeconds ended_from{};  // the first second, and the last
  EpochSeconds ended_by = EpochSeconds::max();
  int page = 200;  // VMs in one transaction
};

/// How many went. `progress` is told after each page how many are gone so far. Code::internal when
/// the database is not one of this version, or cannot be written; what is gone by then stays gone.
Result<long long> purge_done(const std::string& path, const PurgeQuery& query,
                             const std::function<void(long long)>& progress);

}  // namespace nubo
