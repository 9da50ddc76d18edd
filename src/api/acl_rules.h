// SPDX-License-Identifier: Apache-2.0
// ACL rules that other things bring along: those of VDCs for their groups and of group
// administrators (sheets api.md §5, objects.md §6.4, §6.6). Used within changes.
#pragma once

#include <initializer_list>
#include <vector>

#include "store/draft.h"

namespace nubo::api {

/// A rule from its parts; the types are joined.
AclRule make_rule(std::uint64_t user, std::initializer_list<ObjectType> types,
                  std::uint64_t resource, unsigned rights, std::uint64_t zone);

/// The rules that a VDC gives each of its groups.
std::vector<AclRule> vdc_rules(const Vdc& vdc, GroupId group);
/// The rules of an administrator of a group, in the order of their making.
std::vector<AclRule> administrator_rules(UserId user, GroupId group);

/// Stores the rules that are not there yet. Code::allocate.
Status add_rules(Draft& draft, const std::vector<AclRule>& rules);
/// Takes out the rules with the same contents.
void drop_rules(Draft& draft, const std::vector<AclRule>& rules);

}  // namespace nubo::api
