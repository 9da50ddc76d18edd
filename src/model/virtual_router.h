// SPDX-License-Identifier: Apache-2.0
// Virtual router: VMs that route between networks, and the NICs that all of them have; a NIC with
// FLOATING_IP=YES holds a lease for the router itself (sheets xml.md §3.4, objects.md §5.1).
#pragma once

#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

struct VirtualRouter : Owned {
  static constexpr ObjectType type = ObjectType::virtual_router;
  static constexpr const char* root = "VROUTER";
  static constexpr const char* pool_root = "VROUTER_POOL";
  static constexpr const char* table = "vrouter_pool";

  VirtualRouterId id;
  IdSet<VmTag> vms;
  Template attributes;

  bool operator==(const VirtualRouter&) const = default;

  template <class S = VirtualRouter>
  static constexpr auto fields() {
    return std::tuple_cat(owner_fields<S>(),
                          std::tuple{Field{"PERMISSIONS", &S::permissions}, Field{"LOCK", &S::lock},
                                     Field{"VMS", &S::vms}, Field{"TEMPLATE", &S::attributes}});
  }
};

}  // namespace nubo
