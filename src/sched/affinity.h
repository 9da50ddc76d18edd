// SPDX-License-Identifier: Apache-2.0
// What VM groups ask of a VM's place: with whom, without whom, on which hosts (sheets objects.md
// §5.4, vm-lifecycle.md §7.6). Functions of a snapshot.
#pragma once

#include <set>

#include "model/snapshot.h"

namespace nubo {

struct Affinity {
  IdSet<VmTag> together;
  IdSet<VmTag> apart;
  std::set<HostId> only;  // empty: any
  std::set<HostId> never;

  bool is_empty() const {
    return together.empty() && apart.empty() && only.empty() && never.empty();
  }

  /// Whether a host with these VMs will do. `together_elsewhere`: some of those that it wants to be
  /// with have a host already.
  bool allows(HostId host, const IdSet<VmTag>& on_host, bool together_elsewhere) const;
};

/// Empty for a VM without a group, or whose group or role is gone.
Affinity affinity_of(const Snapshot& snapshot, const Vm& vm);

/// Whether any of them is on a host now.
bool any_has_host(const Snapshot& snapshot, const IdSet<VmTag>& vms);

}  // namespace nubo
