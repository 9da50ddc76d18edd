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

/// What VDCs let their groups do (DEFAULT_VDC_*_ACL); 0 gives no rule.
struct VdcRights {
  unsigned host = static_cast<unsigned>(Right::manage);
  unsigned network = static_cast<unsigned>(Right::use);
  unsigned datastore = static_cast<unsigned>(Right::use);
  unsigned cluster_host = static_cast<unsigned>(Right::manage);
  unsigned cluster_network = static_cast<unsigned>(Right::use);
  unsigned cluster_datastore = static_cast<unsigned>(Right::use);
};

VdcRights vdc_rights(const Template& config);

/// The rules that a VDC gives one of its groups.
std::vector<AclRule> vdc_rules(const Vdc& vdc, GroupId group, const VdcRights& rights);
/// After a change of a VDC, or its end: makes the rules that came with it and drops those that no
/// VDC stands for any more. `before` is the VDC as it was. Code::allocate.
Status follow_vdc(Draft& draft, const Vdc& before, const VdcRights& rights);
/// The rules of an administrator of a group, in the order of their making.
std::vector<AclRule> administrator_rules(UserId user, GroupId group);

/// Stores the rules that are not there yet. Code::allocate.
Status add_rules(Draft& draft, const std::vector<AclRule>& rules);
/// Takes out the rules with the same contents.
void drop_rules(Draft& draft, const std::vector<AclRule>& rules);

}  // namespace nubo::api
