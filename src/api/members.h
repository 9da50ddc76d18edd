// SPDX-License-Identifier: Apache-2.0
// Users in groups: both sides of the relation, kept equal (sheet objects.md §6.1, §6.4).
#pragma once

#include "store/draft.h"

namespace nubo::api {

/// The user becomes a member of the group. Code::no_exists.
Status join_group(Draft& draft, UserId user, GroupId group);
/// He is one no more, nor its administrator; his rights over it go.
void leave_group(Draft& draft, UserId user, GroupId group);
/// Takes the administrator's role with its rules.
void drop_administrator(Draft& draft, UserId user, GroupId group);

}  // namespace nubo::api
