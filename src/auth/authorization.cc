// SPDX-License-Identifier: Apache-2.0
#include "auth/authorization.h"

#include <algorithm>

namespace nubo {
namespace {

constexpr int local_zone = 0;

bool names(std::uint64_t component, std::uint64_t selector, int id) {
  return (component & selector) != 0 && (component & acl_id_mask) == static_cast<std::uint64_t>(id);
}

// Whether the rule speaks of this caller, in this zone, with that right on that kind.
bool concerns(const AclRule& rule, const Identity& caller, ObjectType type, Right right) {
  const auto is_caller = [&] {
    if (rule.user & acl_all) return true;
    if (names(rule.user, acl_individual, caller.uid.value)) return true;
    return std::ranges::any_of(
        caller.groups, [&rule](GroupId group) { return names(rule.user, acl_group, group.value); });
  };
  return (rule.resource & static_cast<std::uint64_t>(type)) != 0 &&
         (rule.rights & static_cast<std::uint64_t>(right)) != 0 &&
         ((rule.zone & acl_all) != 0 || names(rule.zone, acl_individual, local_zone)) &&
         is_caller();
}

bool covers(const AclRule& rule, const Guard& guard) {
  if (rule.resource & acl_all) return !guard.is_reservation;
  if (names(rule.resource, acl_group, guard.group.value)) return true;
  if (guard.id >= 0 && names(rule.resource, acl_individual, guard.id)) return true;
  return !guard.is_reservation && std::ranges::any_of(guard.clusters, [&rule](ClusterId cluster) {
    return names(rule.resource, acl_cluster, cluster.value);
  });
}

bool bits_allow(const Guard& guard, const Identity& caller, Right right) {
  const Permissions& p = guard.permissions;
  const auto pick = [right](bool use, bool manage, bool admin) {
    return (right == Right::use && use) || (right == Right::manage && manage) ||
           (right == Right::admin && admin);
  };
  return pick(p.other_u, p.other_m, p.other_a) ||
         (guard.owner == caller.uid && pick(p.owner_u, p.owner_m, p.owner_a)) ||
         (caller.is_in(guard.group) && pick(p.group_u, p.group_m, p.group_a));
}

bool rules_allow(const Snapshot& snapshot, const Identity& caller, AuthRequest request) {
  if (request.guard.id < 0) request.guard.group = caller.gid;  // where a new object will be
  bool allowed = false;
  snapshot.pool<AclRule>().for_each([&](const Entry<AclRule>& entry) {
    allowed = allowed || (concerns(entry.object, caller, request.guard.type, request.right) &&
                          covers(entry.object, request.guard));
  });
  return allowed;
}

// A lock of level n stops rights of value n and above (objects.md §0.5).
bool is_locked(const AuthRequest& request) {
  const int level = request.guard.lock_level;
  return request.locks == Locks::count && level > 0 && level <= static_cast<int>(request.right);
}

std::string_view word_of(Right right) {
  switch (right) {
    case Right::use:
      return "USE";
    case Right::manage:
      return "MANAGE";
    case Right::admin:
      return "ADMIN";
    case Right::create:
      return "CREATE";
  }
  return "";
}

// What is missing, or "".
std::string objection(const Snapshot& snapshot, const Identity& caller,
                      const AuthRequest& request) {
  const bool locked = is_locked(request);
  const bool allowed = caller.is_admin() || bits_allow(request.guard, caller, request.right) ||
                       rules_allow(snapshot, caller, request);
  if (allowed && !locked) return "";
  const std::string id = request.guard.id >= 0 ? fmt::format(" [{}]", request.guard.id) : "";
  const std::string_view type = names_of(request.guard.type).acl;
  if (caller.is_admin()) return fmt::format("{} is locked.{}", type, id);
  return fmt::format("Not authorized to perform {} {}{}", word_of(request.right), type, id);
}

}  // namespace

Guard guard_of(const User& user) {
  return {.type = User::type,
          .id = user.id.value,
          .owner = user.id,
          .group = user.gid,
          .permissions = {.owner_u = true, .owner_m = true}};
}

Guard guard_of(const Group& group) {
  return {.type = Group::type,
          .id = group.id.value,
          .group = group.id,
          .permissions = {.group_u = true}};
}

Guard guard_of(const Host& host) {
  return {.type = Host::type, .id = host.id.value, .clusters = {host.cluster_id}};
}

Guard guard_of(const VirtualNetwork& network) {
  return {.type = VirtualNetwork::type,
          .id = network.id.value,
          .owner = network.uid,
          .group = network.gid,
          .permissions = network.permissions,
          .lock_level = network.lock ? network.lock->level : 0,
          .clusters = network.clusters,
          .is_reservation = !network.parent_network_id.empty()};
}

Guard new_object(ObjectType type) { return {.type = type}; }

Status authorize(const Snapshot& snapshot, const Identity& caller,
                 std::span<const AuthRequest> requests) {
  std::string objections;
  for (const AuthRequest& request : requests) {
    const std::string missing = objection(snapshot, caller, request);
    if (missing.empty()) continue;
    if (!objections.empty()) objections += "; ";
    objections += missing;
  }
  if (objections.empty()) return ok();
  return fail(Code::authorization, "User [{}] : {}.", caller.uid, objections);
}

Result<Visibility> Visibility::make(const Snapshot& snapshot, const Identity& caller,
                                    ObjectType type, int flag) {
  if (flag < filter_group) return fail(Code::api, "Incorrect filter_flag");
  Visibility visibility(caller, flag);
  if (caller.is_admin()) return visibility;
  snapshot.pool<AclRule>().for_each([&](const Entry<AclRule>& entry) {
    if (concerns(entry.object, caller, type, Right::use)) {
      visibility.rules_.push_back(entry.object);
    }
  });
  return visibility;
}

bool Visibility::is_selected(const Guard& guard) const {
  switch (flag_) {
    case filter_group:
      return guard.group == caller_.gid;
    case filter_mine:
      return guard.owner == caller_.uid;
    case filter_all:
      return true;
    case filter_mine_and_groups:
      return guard.owner == caller_.uid || caller_.is_in(guard.group);
    default:
      return guard.owner.value == flag_;
  }
}

bool Visibility::shows(const Guard& guard) const {
  if (!is_selected(guard)) return false;
  if (caller_.is_admin() || guard.owner == caller_.uid || guard.permissions.other_u ||
      (guard.permissions.group_u && caller_.is_in(guard.group))) {
    return true;
  }
  return std::ranges::any_of(rules_, [&guard](const AclRule& rule) { return covers(rule, guard); });
}

}  // namespace nubo
