// SPDX-License-Identifier: Apache-2.0
// What an object costs its owner and its group (sheet objects.md §6.7), derived from the object as
// it stands: who has a new kind that quotas count adds a bill_of() for it, and nothing else. Draft
// charges the difference between the bills before and after a change.
#pragma once

#include <map>

#include "model/image.h"
#include "model/quotas.h"
#include "model/virtual_network.h"
#include "model/vm.h"

namespace nubo {

struct Bill {
  UserId uid;
  GroupId gid;
  std::map<QuotaKey, Amount> items;

  bool operator==(const Bill&) const = default;

  void add(QuotaSection section, int id, int metric, Amount amount) {
    if (amount != 0) items[{section, id, metric}] += amount;
  }
};

/// VM metrics in all and in the VM's cluster, RUNNING_* while it counts as running, leases, uses of
/// images, and what its disks take of image datastores. Nothing once it is DONE.
Bill bill_of(const Vm& vm, const QuotaMetrics& metrics);
/// Its size with snapshots, and one image.
Bill bill_of(const Image& image, const QuotaMetrics& metrics);
/// The addresses that a reservation has of its parent.
Bill bill_of(const VirtualNetwork& network, const QuotaMetrics& metrics);

/// Kinds that quotas count.
template <class T>
concept Billed = requires(const T& object, const QuotaMetrics& metrics) {
  bill_of(object, metrics);
};

}  // namespace nubo
