// SPDX-License-Identifier: Apache-2.0
// What every object that belongs to somebody has: owner, group, name, permission bits, lock
// (sheets xml.md §1, objects.md §0.3-0.5). Plain data; the rules over it stand in auth/.
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "base/clock.h"
#include "base/ids.h"
#include "text/fields.h"

namespace nubo {

enum class Right : unsigned { use = 1, manage = 2, admin = 4, create = 8 };

struct Permissions {
  bool owner_u = false, owner_m = false, owner_a = false;
  bool group_u = false, group_m = false, group_a = false;
  bool other_u = false, other_m = false, other_a = false;

  bool operator==(const Permissions&) const = default;

  template <class S = Permissions>
  static constexpr auto fields() {
    return std::tuple{Field{"OWNER_U", &S::owner_u}, Field{"OWNER_M", &S::owner_m},
                      Field{"OWNER_A", &S::owner_a}, Field{"GROUP_U", &S::group_u},
                      Field{"GROUP_M", &S::group_m}, Field{"GROUP_A", &S::group_a},
                      Field{"OTHER_U", &S::other_u}, Field{"OTHER_M", &S::other_m},
                      Field{"OTHER_A", &S::other_a}};
  }

  /// From the nine bits of an octal mode such as 0640.
  static Permissions from_mode(unsigned mode);
};

struct Lock {
  int level = 0;  // 1 use, 2 manage, 3 admin
  UserId owner;
  EpochSeconds time{};
  int request_id = -1;

  bool operator==(const Lock&) const = default;

  template <class S = Lock>
  static constexpr auto fields() {
    return std::tuple{Field{"LOCKED", &S::level}, Field{"OWNER", &S::owner},
                      Field{"TIME", &S::time}, Field{"REQ_ID", &S::request_id}};
  }
};

/// The one data base class of the model: generic calls (chown, chmod, rename, lock) and the
/// permission rules work on it.
struct Owned {
  UserId uid;
  GroupId gid;
  std::string uname;
  std::string gname;
  std::string name;
  std::optional<Lock> lock;
  Permissions permissions;

  bool operator==(const Owned&) const = default;
};

/// ID UID GID UNAME GNAME NAME, with which the documents of all owned objects begin.
template <class T>
constexpr auto owner_fields() {
  return std::tuple{Field{"ID", &T::id},       Field{"UID", &T::uid},     Field{"GID", &T::gid},
                    Field{"UNAME", &T::uname}, Field{"GNAME", &T::gname}, Field{"NAME", &T::name}};
}

/// LOCK? PERMISSIONS, which follow in most of them.
template <class T>
constexpr auto lock_and_permission_fields() {
  return std::tuple{Field{"LOCK", &T::lock}, Field{"PERMISSIONS", &T::permissions}};
}

}  // namespace nubo
