// SPDX-License-Identifier: Apache-2.0
#include "api/acl_rules.h"

#include <optional>

namespace nubo::api {
namespace {

constexpr auto use = static_cast<unsigned>(Right::use);
constexpr auto manage = static_cast<unsigned>(Right::manage);
constexpr auto admin = static_cast<unsigned>(Right::admin);
constexpr auto create = static_cast<unsigned>(Right::create);

std::uint64_t part(std::uint64_t selector, int id) {
  return selector | static_cast<std::uint64_t>(id);
}

std::optional<AclId> find_rule(const Draft& draft, const AclRule& wanted) {
  std::optional<AclId> found;
  draft.view().pool<AclRule>().for_each([&](const Entry<AclRule>& entry) {
    AclRule contents = entry.object;
    contents.id = wanted.id;
    if (contents == wanted) found = entry.object.id;
  });
  return found;
}

template <class Tag>
void add_resource_rules(std::vector<AclRule>& rules, const VdcResources<Tag>& resources,
                        std::uint64_t group, std::pair<ObjectType, unsigned> what) {
  for (const auto& each : resources.list) {
    const std::uint64_t resource =
        each.id.value == vdc_all_resources ? acl_all : part(acl_individual, each.id.value);
    rules.push_back(make_rule(group, {what.first}, resource, what.second,
                              part(acl_individual, each.zone_id.value)));
  }
}

}  // namespace

AclRule make_rule(std::uint64_t user, std::initializer_list<ObjectType> types,
                  std::uint64_t resource, unsigned rights, std::uint64_t zone) {
  for (const ObjectType type : types) resource |= static_cast<std::uint64_t>(type);
  return {.id = {}, .user = user, .resource = resource, .rights = rights, .zone = zone};
}

std::vector<AclRule> vdc_rules(const Vdc& vdc, GroupId group) {
  using T = ObjectType;
  std::vector<AclRule> rules;
  const std::uint64_t who = part(acl_group, group.value);
  for (const auto& cluster : vdc.clusters.list) {
    const std::uint64_t resource =
        cluster.id.value == vdc_all_resources ? acl_all : part(acl_cluster, cluster.id.value);
    const std::uint64_t zone_part = part(acl_individual, cluster.zone_id.value);
    rules.push_back(make_rule(who, {T::host}, resource, manage, zone_part));
    rules.push_back(make_rule(who, {T::network}, resource, use, zone_part));
    rules.push_back(make_rule(who, {T::datastore}, resource, use, zone_part));
  }
  add_resource_rules(rules, vdc.hosts, who, {T::host, manage});
  add_resource_rules(rules, vdc.networks, who, {T::network, use});
  add_resource_rules(rules, vdc.datastores, who, {T::datastore, use});
  return rules;
}

std::vector<AclRule> administrator_rules(UserId user, GroupId group) {
  using T = ObjectType;
  const std::uint64_t who = part(acl_individual, user.value);
  const std::uint64_t members = part(acl_group, group.value);
  return {make_rule(who, {T::user}, members, use | manage | admin | create, acl_all),
          make_rule(who,
                    {T::vm, T::network, T::image, T::vm_template, T::document, T::security_group,
                     T::virtual_router, T::vm_group, T::backup_job},
                    members, use | manage, acl_all),
          make_rule(who, {T::virtual_router}, acl_all, create, acl_all),
          make_rule(who, {T::group}, part(acl_individual, group.value), manage, acl_all)};
}

Status add_rules(Draft& draft, const std::vector<AclRule>& rules) {
  for (const AclRule& rule : rules) {
    if (!find_rule(draft, rule)) NUBO_CHECK(draft.insert(rule));
  }
  return ok();
}

void drop_rules(Draft& draft, const std::vector<AclRule>& rules) {
  for (const AclRule& rule : rules) {
    if (const auto id = find_rule(draft, rule)) draft.erase<AclRule>(*id);
  }
}

}  // namespace nubo::api
