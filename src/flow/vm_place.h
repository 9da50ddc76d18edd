// SPDX-License-Identifier: Apache-2.0
// Putting a VM on a host: first deployment, return after stop or undeploy, and migration (sheet
// vm-lifecycle.md §2.4). Checks again what the caller saw, since the draft may have moved on.
// Writer thread.
#pragma once

#include "base/result.h"
#include "flow/caller.h"
#include "flow/settings.h"
#include "store/draft.h"

namespace nubo {

struct DeployOrder {
  VmId vm;
  HostId host;
  DatastoreId datastore;    // system datastore; unset: where it was, or the cluster's first
  bool enforce = false;     // check the host's capacity
  int plan_id = -2;         // -1 from the scheduler
  int plan_action_id = -1;  // place in its plan
  Template networks = {};   // NIC=[NIC_ID, NETWORK_ID]: for NICs whose network is still open
  Caller caller;
};

/// Code::no_exists for host, VM or datastore; Code::action with what stands in the way.
Status deploy(Draft& draft, const DeployOrder& order, const VmSettings& settings);

/// Where a disk's copies and links go depends on the system datastore's driver (vm-lifecycle.md
/// §5.4, "At deploy"); volatile disks belong to that datastore. Code::action when the image's
/// datastore does not work together with it.
Status adapt_disk(const Draft& draft, Vector& disk, const Datastore& system,
                  const VmSettings& settings);

enum class ColdMigration : int { save = 0, poweroff = 1, poweroff_hard = 2 };

struct MigrateOrder {
  VmId vm;
  HostId host;
  DatastoreId datastore;  // unset: stays
  bool live = false;
  bool enforce = false;
  ColdMigration cold = ColdMigration::save;
  Caller caller;
};

Status migrate(Draft& draft, const MigrateOrder& order, const VmSettings& settings);

}  // namespace nubo
