// SPDX-License-Identifier: Apache-2.0
// one.acl.* (sheets api.md §5, §7, objects.md §6.5).
#include <algorithm>
#include <charconv>

#include "api/acl_rules.h"
#include "api/generic.h"

namespace nubo::api {
namespace {

constexpr std::uint64_t local_zone = acl_individual;  // zone 0

AuthRequest manage_rules() { return {Right::manage, new_object(ObjectType::acl)}; }

/// Hexadecimal, with or without 0x; what is none counts as 0.
std::uint64_t hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

int selectors_in(std::uint64_t component) {
  int count = 0;
  for (const std::uint64_t bit : {acl_individual, acl_group, acl_all, acl_cluster}) {
    count += (component & bit) != 0;
  }
  return count;
}

bool has_any(std::uint64_t component, std::initializer_list<ObjectType> types) {
  return std::ranges::any_of(types, [component](ObjectType type) {
    return (component & static_cast<std::uint64_t>(type)) != 0;
  });
}

constexpr std::uint64_t type_mask = ~(acl_id_mask | 0xF00000000ULL);

/// What is wrong with a rule, parts joined by "; "; "" when nothing is.
std::string objections_to(const AclRule& rule) {
  using enum ObjectType;
  std::string found;
  const auto object = [&found](bool wrong, std::string_view text) {
    if (wrong) found += fmt::format("{}{}", found.empty() ? "" : "; ", text);
  };
  for (const auto& [component, name] :
       {std::pair{rule.user, "user"}, std::pair{rule.resource, "resource"},
        std::pair{rule.zone, "zone"}}) {
    object(selectors_in(component) > 1, fmt::format("[{}] selector bits are exclusive", name));
    object(selectors_in(component) == 0,
           fmt::format("[{}] is missing one of the INDIVIDUAL, GROUP or ALL bits", name));
    object((component & acl_all) != 0 && (component & acl_id_mask) != 0,
           fmt::format("[{}] when using the ALL bit, ID must be 0", name));
  }
  constexpr std::uint64_t last_type = static_cast<std::uint64_t>(network_template);
  const std::uint64_t known = ((last_type << 1) - 1) | static_cast<std::uint64_t>(backup_job);
  object((rule.resource & type_mask) == 0, "[resource] type is missing");
  object((rule.resource & type_mask & ~known) != 0, "[resource] wrong type");
  object((rule.resource & acl_cluster) != 0 &&
             (rule.resource & type_mask &
              ~make_rule(0, {host, network, datastore, backup_job}, 0, 0, 0).resource) != 0,
         "[resource] CLUSTER(%) selector can be applied only to DATASTORE, HOST and NET types");
  object(
      (rule.resource & acl_group) != 0 && has_any(rule.resource, {host, group, cluster, zone, vdc}),
      "[resource] GROUP(@) selector cannot be applied to HOST, GROUP, CLUSTER, ZONE and VDC "
      "types");
  object((rule.resource & acl_individual) != 0 && (rule.zone & acl_all) != 0 &&
             !has_any(rule.resource, {user, group, zone, acl, vdc}),
         "[resource] INDIVIDUAL(#) selector cannot be applied to ALL zones, except for USER, GROUP "
         "and ZONE types");
  object(rule.rights == 0 || rule.rights > 0xF, "wrong rights");
  object((rule.zone & acl_group) != 0, "[zone] GROUP(@) bit is not supported");
  return found;
}

Result<Value> addrule(Draft& draft, const Context& call) {
  NUBO_CHECK(authorize(draft.view(), call, {manage_rules()}));
  const std::string& zone = call.args.text(3);
  const AclRule rule{.id = {},
                     .user = hex(call.args.text(0)),
                     .resource = hex(call.args.text(1)),
                     .rights = hex(call.args.text(2)),
                     .zone = zone.empty() ? local_zone : hex(zone)};
  if (const std::string wrong = objections_to(rule); !wrong.empty()) {
    return fail(Code::internal, "Rule {} is malformed: {}", rule.to_string(), wrong);
  }
  const std::size_t before = draft.view().pool<AclRule>().size();
  NUBO_CHECK(add_rules(draft, {rule}));
  if (draft.view().pool<AclRule>().size() == before) {
    return fail(Code::internal, "Rule {} already exists", rule.to_string());
  }
  return Value(draft.counters()[KindIndex<AclRule>::value]);
}

Result<Value> delrule(Draft& draft, const Context& call) {
  NUBO_CHECK(authorize(draft.view(), call, {manage_rules()}));
  const AclId id{call.args.integer(0)};
  if (!draft.find<AclRule>(id)) return fail(Code::internal, "Rule {} does not exist", id);
  draft.erase<AclRule>(id);
  return Value(id.value);
}

Result<Value> rules(const Context& call) {
  NUBO_CHECK(authorize(*call.snapshot, call, {manage_rules()}));
  std::vector<const AclRule*> sorted;
  call.snapshot->pool<AclRule>().for_each(
      [&sorted](const Entry<AclRule>& entry) { sorted.push_back(&entry.object); });
  std::ranges::stable_sort(sorted, {}, &AclRule::user);
  std::string document;
  XmlWriter out(document);
  out.open(AclRule::pool_root);
  for (const AclRule* rule : sorted) {
    out.open(AclRule::root);
    out.number("ID", rule->id.value);
    for (const auto& [name, value] :
         {std::pair{"USER", rule->user}, std::pair{"RESOURCE", rule->resource},
          std::pair{"RIGHTS", rule->rights}, std::pair{"ZONE", rule->zone}}) {
      out.text(name, fmt::format("{:x}", value));
    }
    out.text("STRING", rule->to_string());
    out.close(AclRule::root);
  }
  out.close(AclRule::pool_root);
  return Value(std::move(document));
}

}  // namespace

std::vector<Call> acl_calls() {
  return {
      {"one.acl.addrule",
       {{"user", Type::text},
        {"resource", Type::text},
        {"rights", Type::text},
        {"zone", Type::text, Value("")}},
       addrule},
      {"one.acl.delrule", {an_id}, delrule},
      {"one.acl.info", {}, rules},
  };
}

}  // namespace nubo::api
