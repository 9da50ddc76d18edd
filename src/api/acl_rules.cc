// SPDX-License-Identifier: Apache-2.0
#include "api/acl_rules.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>

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

unsigned rights_in(std::string_view words) {
  unsigned rights = 0;
  for (const auto& [word, right] : {std::pair{"USE", use}, std::pair{"MANAGE", manage},
                                    std::pair{"ADMIN", admin}, std::pair{"CREATE", create}}) {
    if (words.find(word) != std::string_view::npos) rights |= right;
  }
  return rights;
}

struct ByContents {
  bool operator()(const AclRule& a, const AclRule& b) const {
    return std::tie(a.user, a.resource, a.rights, a.zone) <
           std::tie(b.user, b.resource, b.rights, b.zone);
  }
};

using RuleSet = std::set<AclRule, ByContents>;

RuleSet rules_of(const Vdc& vdc, const VdcRights& rights) {
  RuleSet all;
  for (const GroupId group : vdc.groups) {
    for (const AclRule& rule : vdc_rules(vdc, group, rights)) all.insert(rule);
  }
  return all;
}

std::vector<AclRule> missing_in(const RuleSet& some, const RuleSet& others) {
  std::vector<AclRule> missing;
  std::ranges::copy_if(some, std::back_inserter(missing),
                       [&others](const AclRule& rule) { return !others.contains(rule); });
  return missing;
}

}  // namespace

AclRule make_rule(std::uint64_t user, std::initializer_list<ObjectType> types,
                  std::uint64_t resource, unsigned rights, std::uint64_t zone) {
  for (const ObjectType type : types) resource |= static_cast<std::uint64_t>(type);
  return {.id = {}, .user = user, .resource = resource, .rights = rights, .zone = zone};
}

VdcRights vdc_rights(const Template& config) {
  VdcRights rights;
  for (const auto& [name, right] :
       {std::pair{"DEFAULT_VDC_HOST_ACL", &VdcRights::host},
        std::pair{"DEFAULT_VDC_VNET_ACL", &VdcRights::network},
        std::pair{"DEFAULT_VDC_DATASTORE_ACL", &VdcRights::datastore},
        std::pair{"DEFAULT_VDC_CLUSTER_HOST_ACL", &VdcRights::cluster_host},
        std::pair{"DEFAULT_VDC_CLUSTER_NET_ACL", &VdcRights::cluster_network},
        std::pair{"DEFAULT_VDC_CLUSTER_DATASTORE_ACL", &VdcRights::cluster_datastore}}) {
    if (config.contains(name)) rights.*right = rights_in(config.get(name));
  }
  return rights;
}

std::vector<AclRule> vdc_rules(const Vdc& vdc, GroupId group, const VdcRights& rights) {
  using T = ObjectType;
  std::vector<AclRule> rules;
  const std::uint64_t who = part(acl_group, group.value);
  for (const auto& cluster : vdc.clusters.list) {
    const std::uint64_t resource =
        cluster.id.value == vdc_all_resources ? acl_all : part(acl_cluster, cluster.id.value);
    const std::uint64_t zone_part = part(acl_individual, cluster.zone_id.value);
    rules.push_back(make_rule(who, {T::host}, resource, rights.cluster_host, zone_part));
    rules.push_back(make_rule(who, {T::network}, resource, rights.cluster_network, zone_part));
    rules.push_back(make_rule(who, {T::datastore}, resource, rights.cluster_datastore, zone_part));
  }
  add_resource_rules(rules, vdc.hosts, who, {T::host, rights.host});
  add_resource_rules(rules, vdc.networks, who, {T::network, rights.network});
  add_resource_rules(rules, vdc.datastores, who, {T::datastore, rights.datastore});
  std::erase_if(rules, [](const AclRule& rule) { return rule.rights == 0; });
  return rules;
}

Status follow_vdc(Draft& draft, const Vdc& before, const VdcRights& rights) {
  const Vdc* after = draft.find<Vdc>(before.id);
  const RuleSet old_rules = rules_of(before, rights);
  const RuleSet new_rules = after ? rules_of(*after, rights) : RuleSet{};
  std::vector<AclRule> gone = missing_in(old_rules, new_rules);
  if (!gone.empty()) {
    RuleSet needed;
    draft.view().pool<Vdc>().for_each(
        [&](const Entry<Vdc>& entry) { needed.merge(rules_of(entry.object, rights)); });
    std::erase_if(gone, [&needed](const AclRule& rule) { return needed.contains(rule); });
  }
  drop_rules(draft, gone);
  return add_rules(draft, missing_in(new_rules, old_rules));
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
