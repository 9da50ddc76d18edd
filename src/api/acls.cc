// SPDX-License-Identifier: Apache-2.0
// one.acl.* (sheets api.md §5, §7, objects.md §6.5).
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "api/acl_rules.h"
#include "api/generic.h"

namespace nubo::api {
namespace {

constexpr std::uint64_t local_zone = acl_individual;  // zone 0

AuthRequest manage_rules() { return {Right::manage, new_object(ObjectType::acl)}; }

/// Hexadecimal, with or without 0x, maybe negative; what is none counts as 0.
std::uint64_t hex(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return is_negative ? ~value + 1 : value;
}

bool has_any(std::uint64_t component, std::initializer_list<ObjectType> types) {
  return std::ranges::any_of(types, [component](ObjectType type) {
    return (component & static_cast<std::uint64_t>(type)) != 0;
  });
}

/// Collects what is wrong with a rule, parts joined by "; ".
class Objections {
 public:
  void add(bool wrong, std::string_view text) {
    if (wrong) text_ += fmt::format("{}{}", text_.empty() ? "" : "; ", text);
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

struct Selector {
  std::uint64_t bit;
  const char* word;
  const char* sign;
};

constexpr std::array selectors{Selector{acl_individual, "INDIVIDUAL", "#"},
                               Selector{acl_group, "GROUP", "@"}, Selector{acl_all, "ALL", "*"}};

void check_pairs(Objections& found, std::uint64_t component, std::string_view name) {
  for (std::size_t one = 0; one < selectors.size(); ++one) {
    for (std::size_t two = one + 1; two < selectors.size(); ++two) {
      const bool both = (component & selectors[one].bit) && (component & selectors[two].bit);
      found.add(both, fmt::format("[{}] {} ({}) and {} ({}) bits are exclusive", name,
                                  selectors[one].word, selectors[one].sign, selectors[two].word,
                                  selectors[two].sign));
    }
  }
}

void check_id(Objections& found, std::uint64_t component, std::string_view name) {
  found.add(static_cast<std::int32_t>(component & acl_id_mask) < 0,
            fmt::format("[{}] ID cannot be negative", name));
  found.add((component & acl_all) != 0 && (component & acl_id_mask) != 0,
            fmt::format("when using the ALL bit, [{}] ID must be 0", name));
}

void check_resource(Objections& found, std::uint64_t resource) {
  using enum ObjectType;
  constexpr std::uint64_t all_selectors = acl_individual | acl_group | acl_all | acl_cluster;
  constexpr auto last_type = static_cast<std::uint64_t>(network_template);
  constexpr std::uint64_t known = ((last_type << 1) - 1) | static_cast<std::uint64_t>(backup_job);
  const std::uint64_t types = resource & ~(acl_id_mask | all_selectors);
  const int count = std::popcount(resource & all_selectors);
  found.add(count > 1,
            "[resource] INDIVIDUAL (#), GROUP (@), CLUSTER (%) and ALL (*) bits are exclusive");
  found.add(count == 0, "[resource] is missing one of the INDIVIDUAL, GROUP, CLUSTER or ALL bits");
  check_id(found, resource, "resource");
  found.add(types == 0, "[resource] type is missing");
  found.add((types & ~known) != 0, "wrong [resource] type");
}

void check_selectors(Objections& found, const AclRule& rule) {
  using enum ObjectType;
  const std::uint64_t in_clusters =
      make_rule(0, {host, network, datastore, backup_job}, 0, 0, 0).resource;
  const std::uint64_t types = rule.resource >> 36 << 36;
  found.add((rule.resource & acl_cluster) != 0 && (types & ~in_clusters) != 0,
            "[resource] CLUSTER(%) selector can be applied only to DATASTORE, HOST and NET types");
  found.add(
      (rule.resource & acl_group) != 0 && has_any(rule.resource, {host, group, cluster, zone, vdc}),
      "[resource] GROUP(@) selector cannot be applied to HOST, GROUP, CLUSTER, ZONE or VDC types");
  found.add((rule.resource & acl_individual) != 0 && (rule.zone & acl_all) != 0 &&
                !has_any(rule.resource, {user, group, zone, acl, vdc}),
            "[resource] INDIVIDUAL(#) selector cannot be applied to ALL zones, except for USER, "
            "GROUP and ZONE types");
}

/// What is wrong with a rule, or "".
std::string objections_to(const AclRule& rule) {
  constexpr std::uint64_t one_of_three = acl_individual | acl_group | acl_all;
  Objections found;
  check_pairs(found, rule.user, "user");
  found.add((rule.user & one_of_three) == 0,
            "[user] is missing one of the INDIVIDUAL, GROUP or ALL bits");
  check_id(found, rule.user, "user");
  check_resource(found, rule.resource);
  found.add(rule.rights == 0, "wrong [rights], it cannot be 0");
  found.add(static_cast<std::int64_t>(rule.rights) > 0xF,
            "wrong [rights], it cannot be bigger than 0xF");
  found.add((rule.zone & acl_group) != 0, "[zone] GROUP (@) bit is not supported");
  check_pairs(found, rule.zone & ~acl_group, "zone");
  found.add((rule.zone & (acl_individual | acl_all)) == 0,
            "[zone] is missing one of the INDIVIDUAL or ALL bits");
  check_id(found, rule.zone, "zone");
  check_selectors(found, rule);
  return found.text();
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
