// SPDX-License-Identifier: Apache-2.0
// Who may do what (sheets api.md §5, objects.md §0.4-0.7, §6.5): owner, group and other bits, ACL
// rules, admins, locks. Functions of a snapshot.
#pragma once

#include <initializer_list>
#include <set>
#include <span>
#include <vector>

#include "auth/identity.h"
#include "base/result.h"

namespace nubo {

/// An object as the rules see it.
struct Guard {
  ObjectType type;
  int id = -1;  // -1: one that is to be made
  UserId owner;
  GroupId group;
  Permissions permissions;
  int lock_level = 0;
  std::set<ClusterId> clusters;
  bool is_reservation = false;  // `*` and `%` rules pass it by
};

template <class T>
Guard guard_of(const T& object) {
  Guard guard{.type = T::type, .id = object.id.value};
  if constexpr (std::is_base_of_v<Owned, T>) {
    guard.owner = object.uid;
    guard.group = object.gid;
    guard.permissions = object.permissions;
  }
  if constexpr (requires { object.lock; }) guard.lock_level = object.lock ? object.lock->level : 0;
  if constexpr (requires { object.clusters; } && !std::is_same_v<T, Vdc>) {
    guard.clusters = object.clusters;
  }
  return guard;
}

/// A user owns himself.
Guard guard_of(const User& user);
/// Members may use their group.
Guard guard_of(const Group& group);
Guard guard_of(const Host& host);
Guard guard_of(const VirtualNetwork& network);
/// An object that is to be made.
Guard new_object(ObjectType type);

enum class Locks { count, are_ignored };

struct AuthRequest {
  Right right;
  Guard guard;
  Locks locks = Locks::count;
};

/// All requests must hold. Code::authorization, naming all that do not.
Status authorize(const Snapshot& snapshot, const Identity& caller,
                 std::span<const AuthRequest> requests);

inline Status authorize(const Snapshot& snapshot, const Identity& caller,
                        std::initializer_list<AuthRequest> requests) {
  return authorize(snapshot, caller, std::span(requests.begin(), requests.size()));
}

/// Filter flags of pool calls (objects.md §0.7); from 0 on a user id.
enum FilterFlag : int {
  filter_group = -4,
  filter_mine = -3,
  filter_all = -2,
  filter_mine_and_groups = -1
};

/// Which objects of a kind a pool call shows to the caller. Made once per call.
class Visibility {
 public:
  /// Code::api when the flag is below -4.
  static Result<Visibility> make(const Snapshot& snapshot, const Identity& caller, ObjectType type,
                                 int flag = filter_all);

  bool shows(const Guard& guard) const;

 private:
  Visibility(const Identity& caller, int flag) : caller_(caller), flag_(flag) {}

  bool is_selected(const Guard& guard) const;

  Identity caller_;
  int flag_;
  std::vector<AclRule> rules_;  // those that give the caller USE on this kind
};

}  // namespace nubo
