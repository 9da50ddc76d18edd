// SPDX-License-Identifier: Apache-2.0
// Limits and usage of a user or a group (sheets xml.md §3.4, objects.md §6.7): one vector attribute
// per datastore, network and image, one or more for VMs. Kept as the vectors that documents show.
#pragma once

#include <tuple>

#include "text/fields.h"

namespace nubo {

struct Quotas {
  Template datastore;  // DATASTORE=[ID, IMAGES, IMAGES_USED, SIZE, SIZE_USED]
  Template network;    // NETWORK=[ID, LEASES, LEASES_USED]
  Template vm;         // VM=[CLUSTER_IDS?, CPU, CPU_USED, …]
  Template image;      // IMAGE=[ID, RVMS, RVMS_USED]

  bool operator==(const Quotas&) const = default;

  static constexpr auto fields() {
    return std::tuple{Field{"DATASTORE_QUOTA", &Quotas::datastore},
                      Field{"NETWORK_QUOTA", &Quotas::network}, Field{"VM_QUOTA", &Quotas::vm},
                      Field{"IMAGE_QUOTA", &Quotas::image}};
  }
};

}  // namespace nubo
