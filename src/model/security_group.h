// SPDX-License-Identifier: Apache-2.0
// Security group: rules as RULE vectors and the VMs that hold them (sheet objects.md §4.11).
#pragma once

#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

struct SecurityGroup : Owned {
  static constexpr ObjectType type = ObjectType::security_group;
  static constexpr const char* root = "SECURITY_GROUP";
  static constexpr const char* pool_root = "SECURITY_GROUP_POOL";
  static constexpr const char* table = "secgroup_pool";

  SecurityGroupId id;
  IdSet<VmTag> updated_vms;
  IdSet<VmTag> outdated_vms;
  IdSet<VmTag> updating_vms;
  IdSet<VmTag> error_vms;
  Template attributes;

  bool operator==(const SecurityGroup&) const = default;

  template <class S = SecurityGroup>
  static constexpr auto fields() {
    return std::tuple_cat(
        owner_fields<S>(),
        std::tuple{Field{"PERMISSIONS", &S::permissions}, Field{"UPDATED_VMS", &S::updated_vms},
                   Field{"OUTDATED_VMS", &S::outdated_vms}, Field{"UPDATING_VMS", &S::updating_vms},
                   Field{"ERROR_VMS", &S::error_vms}, Field{"TEMPLATE", &S::attributes}});
  }
};

}  // namespace nubo
