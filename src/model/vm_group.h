// SPDX-License-Identifier: Apache-2.0
// VM group: roles that VMs play, and rules which roles want to be together or apart (sheets xml.md
// §3.4, objects.md §5.4). A role is a vector: ID, NAME, POLICY, HOST_AFFINED, HOST_ANTI_AFFINED and
// VMS, the comma list of those that play it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

struct VmGroup : Owned {
  static constexpr ObjectType type = ObjectType::vm_group;
  static constexpr const char* root = "VM_GROUP";
  static constexpr const char* pool_root = "VM_GROUP_POOL";
  static constexpr const char* table = "vmgroup_pool";

  VmGroupId id;
  Template roles;  // vectors named ROLE
  Template attributes;

  bool operator==(const VmGroup&) const = default;

  template <class S = VmGroup>
  static constexpr auto fields() {
    return std::tuple_cat(owner_fields<S>(),
                          std::tuple{Field{"PERMISSIONS", &S::permissions}, Field{"LOCK", &S::lock},
                                     Field{"ROLES", &S::roles}, Field{"TEMPLATE", &S::attributes}});
  }
};

/// The role of that name or number, or nullptr.
const Vector* role_named(const VmGroup& group, std::string_view name);
Vector* role_named(VmGroup& group, std::string_view name);
const Vector* role_numbered(const VmGroup& group, int id);
Vector* role_numbered(VmGroup& group, int id);

/// Who plays a role; the list is left out when nobody does.
IdSet<VmTag> vms_of(const Vector& role);
void set_vms(Vector& role, const IdSet<VmTag>& vms);
/// How many VMs play any role.
std::size_t count_vms(const VmGroup& group);

/// Adds a role under the next number. Code::internal.
Status add_role(VmGroup& group, Vector role);
/// Takes the given keys over into a role. Code::internal.
Status change_role(VmGroup& group, int id, const Vector& given);
void remove_role(VmGroup& group, int id);

/// Sets of role names that an attribute (AFFINED, ANTI_AFFINED) lists.
std::vector<std::set<std::string>> rules_of(const VmGroup& group, std::string_view attribute);
/// Whether the rules speak of known roles and do not contradict each other. Code::internal.
Status check_rules(const VmGroup& group);

}  // namespace nubo
