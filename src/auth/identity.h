// SPDX-License-Identifier: Apache-2.0
// Identity: who makes a call, as far as rights and ownership are concerned (sheets api.md §2,
// objects.md §6.2). A value; made by Authenticator or for the daemon's own work.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "model/snapshot.h"

namespace nubo {

inline constexpr UserId oneadmin_user{0};
inline constexpr UserId serveradmin_user{1};
inline constexpr GroupId oneadmin_group{0};
inline constexpr GroupId users_group{1};

/// Settings of oned.conf that rights depend on; the values are the shipped ones.
struct AuthSettings {
  EpochSeconds session_expiration{900};  // 0: remember nothing
  unsigned default_umask = 0177;
  bool enable_other_permissions = true;
  std::shared_ptr<const Template> vm_operations;  // VM_*_OPERATIONS; none: the shipped ones
};

struct Identity {
  UserId uid;
  GroupId gid;
  std::set<GroupId> groups;  // holds gid
  std::string uname;
  std::string gname;
  unsigned umask = 0177;
  std::shared_ptr<const Template> vm_operations = {};  // those of oned.conf

  bool is_admin() const { return uid == oneadmin_user || groups.contains(oneadmin_group); }

  bool is_in(GroupId group) const { return groups.contains(group); }
};

/// The identity of a user as he stands in the snapshot, narrowed to one group when `egid` is set.
Identity identity_of(const Snapshot& snapshot, const User& user, const AuthSettings& settings,
                     GroupId egid = {});

/// Bits of a new object of the caller (objects.md §0.4).
Permissions initial_permissions(const Identity& caller, const AuthSettings& settings);

}  // namespace nubo
