// SPDX-License-Identifier: Apache-2.0
// Placement: which waiting VM goes on which host and system datastore (sheet vm-lifecycle.md
// §7.1-7.5). A function of a snapshot: no clock, no I/O, no state but the cache. The plan is checked
// again when it is applied.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/snapshot.h"
#include "sched/placement_cache.h"

namespace nubo {

struct PlacementRules {
  std::string default_host_rank = "- RUNNING_VMS";   // spread
  std::string default_datastore_rank = "FREE_MB";    // the one with most room
  double memory_on_datastore = 0;  // of the VM's memory, added to its need on the system datastore
  /// Whether the VM's owner may use a host, a datastore, a network; not set: always.
  std::function<bool(const Vm&, const Host&)> may_use_host;
  std::function<bool(const Vm&, const Datastore&)> may_use_datastore;
  std::function<bool(const Vm&, const VirtualNetwork&)> may_use_network;
};

struct Placed {
  VmId vm;
  HostId host;
  DatastoreId datastore;
  bool migrates = false;  // RESCHED: it runs elsewhere now
  Template networks = {};  // NIC=[NIC_ID, NETWORK_ID]: for NICs whose network is still open

  bool operator==(const Placed&) const = default;
};

struct NotPlaced {
  VmId vm;
  std::string why;  // for SCHED_MESSAGE
};

struct Plan {
  std::vector<Placed> placed;
  std::vector<NotPlaced> not_placed;
};

/// Places every VM that is PENDING or asks to be moved, those with the highest USER_PRIORITY first,
/// then the oldest. Never more on a host or datastore than fits.
Plan place(const Snapshot& snapshot, const PlacementRules& rules, PlacementCache& cache);

}  // namespace nubo
