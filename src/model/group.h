// SPDX-License-Identifier: Apache-2.0
// Group (sheets xml.md §3.4, objects.md §6.4).
#pragma once

#include <string>
#include <tuple>

#include "model/object_type.h"
#include "model/quotas.h"

namespace nubo {

struct Group {
  static constexpr ObjectType type = ObjectType::group;
  static constexpr const char* root = "GROUP";
  static constexpr const char* pool_root = "GROUP_POOL";
  static constexpr const char* table = "group_pool";

  GroupId id;
  std::string name;
  Template attributes;
  IdSet<UserTag> users;
  IdSet<UserTag> admins;
  Quotas quotas;
  Template vlan_rules;

  bool operator==(const Group&) const = default;

  template <class S = Group>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id},
                      Field{"NAME", &S::name},
                      Field{"TEMPLATE", &S::attributes},
                      Field{"USERS", &S::users},
                      Field{"ADMINS", &S::admins},
                      Field{"QUOTAS", &S::quotas, stored_only},
                      Field{"VLAN_RULES", &S::vlan_rules, stored_only}};
  }
};

}  // namespace nubo
