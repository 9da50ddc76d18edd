// SPDX-License-Identifier: Apache-2.0
// Which VLANs the members of a group may use: rules of one.group.vlan (sheet objects.md §4.9).
#pragma once

#include "api/context.h"

namespace nubo::api {

/// A list of ids and ranges: "5,7,9-12".
bool is_id_list(std::string_view list);

/// Checks the rules of a group and brings them into the form that is stored. Code::action.
Status settle_vlan_rules(Template& rules);

/// Code::authorization unless the caller's groups may use all VLANs that are given for a network or
/// its address ranges and were not there before. Admins may.
Status check_vlans(const Context& call, const Template& given, const Template& before);

}  // namespace nubo::api
