// SPDX-License-Identifier: Apache-2.0
// Cluster (sheets xml.md §3.4, objects.md §7.1).
#pragma once

#include <string>
#include <tuple>

#include "model/object_type.h"
#include "text/fields.h"

namespace nubo {

struct Cluster {
  static constexpr ObjectType type = ObjectType::cluster;
  static constexpr const char* root = "CLUSTER";
  static constexpr const char* pool_root = "CLUSTER_POOL";
  static constexpr const char* table = "cluster_pool";

  ClusterId id;
  std::string name;
  IdSet<HostTag> hosts;
  IdSet<DatastoreTag> datastores;
  IdSet<VirtualNetworkTag> networks;
  Template attributes;

  bool operator==(const Cluster&) const = default;

  template <class S = Cluster>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id},          Field{"NAME", &S::name},
                      Field{"HOSTS", &S::hosts},    Field{"DATASTORES", &S::datastores},
                      Field{"VNETS", &S::networks}, Field{"TEMPLATE", &S::attributes}};
  }
};

}  // namespace nubo
