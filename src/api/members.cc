// SPDX-License-Identifier: Apache-2.0
#include "api/members.h"

#include "api/acl_rules.h"

namespace nubo::api {

Status join_group(Draft& draft, UserId user, GroupId group) {
  NUBO_TRY(User * member, draft.edit<User>(user));
  NUBO_TRY(Group * joined, draft.edit<Group>(group));
  member->groups.insert(group);
  joined->users.insert(user);
  return ok();
}

void leave_group(Draft& draft, UserId user, GroupId group) {
  drop_administrator(draft, user, group);
  if (const auto member = draft.edit<User>(user)) (*member)->groups.erase(group);
  if (const auto left = draft.edit<Group>(group)) (*left)->users.erase(user);
}

void drop_administrator(Draft& draft, UserId user, GroupId group) {
  const Group* known = draft.find<Group>(group);
  if (!known || !known->admins.contains(user)) return;
  (*draft.edit<Group>(group))->admins.erase(user);
  drop_rules(draft, administrator_rules(user, group));
}

}  // namespace nubo::api
