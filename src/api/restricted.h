// SPDX-License-Identifier: Apache-2.0
// Restricted attributes: what only admins may give or change in templates (sheets api.md §4,
// objects.md §11.2). Entries are "NAME" or "VECTOR/KEY".
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "text/template.h"

namespace nubo::api {

using RestrictedNames = std::vector<std::string>;

/// For a new object: the first entry that is there, or "".
std::string first_restricted(const RestrictedNames& names, const Template& given);
/// For attributes given on top of a stored template: the name of the first entry that would change,
/// or "".
std::string changed_restricted(const RestrictedNames& names, const Template& current,
                               const Template& given);
/// For an update that appends: Code::internal when an entry is there with another value.
Status check_append(const RestrictedNames& names, const Template& current, const Template& given);
/// For an update that replaces: single ones that are missing in `given` are carried over into it;
/// Code::internal when one would change.
Status carry_over(const RestrictedNames& names, const Template& current, Template& given);

}  // namespace nubo::api
