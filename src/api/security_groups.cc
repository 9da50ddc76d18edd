// SPDX-License-Identifier: Apache-2.0
// one.secgroup.*, one.secgrouppool.* (sheets api.md §7, objects.md §4.11).
#include <algorithm>
#include <array>

#include "api/generic.h"
#include "flow/security_rules.h"
#include "model/addresses.h"
#include "text/trim.h"

namespace nubo::api {
namespace {

constexpr SecurityGroupId default_group{0};
constexpr long long last_port = 65535;
constexpr int most_ports = 15;

Status check_port_range(const std::string& range) {
  int ports = 0;
  std::string_view rest = range;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    const std::size_t colon = part.find(':');
    const auto first = parse_number<long long>(part.substr(0, colon));
    const auto last =
        colon == std::string_view::npos ? first : parse_number<long long>(part.substr(colon + 1));
    if (!first || !last) return fail(Code::internal, "Invalid RANGE specification.");
    if (*first < 0 || *last > last_port || *first > *last) {
      return fail(Code::internal, "RANGE out of bounds 0-65536.");
    }
    ports += colon == std::string_view::npos ? 1 : 2;
  }
  if (ports > most_ports) return fail(Code::internal, "Cannot define more than 15 ports in RANGE");
  return ok();
}

Status check_kinds(const std::string& protocol, const Vector& rule) {
  constexpr std::array protocols{"TCP", "UDP", "ICMP", "ICMPV6", "IPSEC", "ALL"};
  if (std::ranges::find(protocols, protocol) == protocols.end()) {
    return fail(Code::internal,
                "Wrong PROTOCOL in rule. Valid options: TCP, UDP, ICMP, ICMPV6, IPSEC, ALL.");
  }
  const std::string type = upper_case(rule.get("RULE_TYPE"));
  if (type != "INBOUND" && type != "OUTBOUND") {
    return fail(Code::internal, "Wrong RULE_TYPE in rule. Valid options: INBOUND, OUTBOUND.");
  }
  return ok();
}

Status check_addresses(const Vector& rule) {
  if (const std::string& ip = rule.get("IP"); !ip.empty()) {
    if (!Ip4::parse(ip) && !Ip6::parse(ip)) {
      return fail(Code::internal, "Wrong format for IP value.");
    }
    if (!rule.number<std::uint32_t>("SIZE")) return fail(Code::internal, "Wrong or empty SIZE.");
  } else if (rule.contains("NETWORK_ID") && !rule.number<int>("NETWORK_ID")) {
    return fail(Code::internal, "Wrong NETWORK_ID.");
  }
  return ok();
}

Status check_rule(const Vector& rule) {
  const std::string protocol = upper_case(rule.get("PROTOCOL"));
  NUBO_CHECK(check_kinds(protocol, rule));
  if (const std::string& range = rule.get("RANGE"); !range.empty()) {
    if (protocol != "TCP" && protocol != "UDP") {
      return fail(Code::internal, "RANGE is supported only for TCP and UDP protocols.");
    }
    NUBO_CHECK(check_port_range(range));
  }
  for (const auto& [key, owner] :
       {std::pair{"ICMP_TYPE", "ICMP"}, std::pair{"ICMPV6_TYPE", "ICMPV6"}}) {
    if (rule.get(key).empty()) continue;
    if (protocol != owner) {
      return fail(Code::internal, "{} is supported only for {} protocol.", key, owner);
    }
    if (!rule.number<unsigned>(key)) return fail(Code::internal, "Wrong {}.", key);
  }
  return check_addresses(rule);
}

/// Checks the rules and drops repeated ones.
Status settle_rules(Template& attributes) {
  std::vector<Vector> rules;
  for (const Vector* rule : attributes.vectors("RULE")) {
    NUBO_CHECK(check_rule(*rule));
    if (std::ranges::find(rules, *rule) == rules.end()) rules.push_back(*rule);
  }
  attributes.erase("RULE");
  for (Vector& rule : rules) attributes.add("RULE", std::move(rule));
  return ok();
}

Result<Value> store(Draft& draft, const Context& call, SecurityGroup made) {
  NUBO_CHECK(check_name(made.name));
  static_cast<Owned&>(made) = owned_by_caller(call, made.name);
  NUBO_TRY(const SecurityGroupId id, draft.insert(std::move(made)));
  return Value(id.value);
}

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(
      authorize(draft.view(), call, {{Right::create, new_object(ObjectType::security_group)}}));
  SecurityGroup made;
  made.name = given.get("NAME");
  NUBO_CHECK(check_name(made.name));
  given.erase("NAME");
  given.drop_empty_vectors();
  NUBO_CHECK(settle_rules(given));
  made.attributes = std::move(given);
  return store(draft, call, std::move(made));
}

/// Asks USE on the source as well, where oned is content with CREATE (api.md §7, "Flaw").
Result<Value> clone(Draft& draft, const Context& call) {
  NUBO_TRY(const auto source,
           draft.view().get<SecurityGroup>(SecurityGroupId{call.args.integer(0)}));
  NUBO_CHECK(authorize(
      draft.view(), call,
      {{Right::use, guard_of(*source)}, {Right::create, new_object(ObjectType::security_group)}}));
  SecurityGroup copy;
  copy.name = call.args.text(1);
  copy.attributes = source->attributes;
  return store(draft, call, std::move(copy));
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto group,
           permitted<SecurityGroup>(draft.view(), call, call.args.integer(0), Right::manage));
  if (group->id == default_group) {
    return cannot_delete<SecurityGroup>("The default security group (ID 0) cannot be deleted.");
  }
  if (!group->updated_vms.empty() || !group->outdated_vms.empty() || !group->updating_vms.empty() ||
      !group->error_vms.empty()) {
    return cannot_delete<SecurityGroup>("The security group has VMs using it");
  }
  erase_object<SecurityGroup>(draft, group->id);
  return Value(group->id.value);
}

/// All VMs of the group are to get its rules anew, or only those where that failed.
void outdate_vms(SecurityGroup& group, bool only_failed) {
  if (!only_failed) group.outdated_vms.merge(group.updated_vms);
  group.outdated_vms.merge(group.updating_vms);
  group.outdated_vms.merge(group.error_vms);
}

Status after_update(Draft& draft, const Context&, SecurityGroup& group, const Template&) {
  NUBO_CHECK(settle_rules(group.attributes));
  outdate_vms(group, false);
  return push_rules(draft, group.id);
}

Result<Value> commit(Draft& draft, const Context& call) {
  NUBO_TRY(const auto group,
           permitted<SecurityGroup>(draft.view(), call, call.args.integer(0), Right::manage));
  outdate_vms(**draft.edit<SecurityGroup>(group->id), call.args.flag(1));
  NUBO_CHECK(push_rules(draft, group->id));
  return Value(group->id.value);
}

}  // namespace

std::vector<Call> security_group_calls() {
  using S = SecurityGroup;
  return {
      {"one.secgroup.allocate", {a_template}, allocate},
      {"one.secgroup.clone", {an_id, a_name}, clone},
      {"one.secgroup.delete", {an_id}, remove},
      {"one.secgroup.info", {an_id, a_decrypt_flag}, info<S>},
      {"one.secgroup.update", {an_id, a_template, an_update_type}, update<S, after_update>},
      {"one.secgroup.rename", {an_id, a_name}, rename<S>},
      {"one.secgroup.chown", {an_id, {"uid", Type::integer}, {"gid", Type::integer}}, chown<S>},
      {"one.secgroup.chmod", chmod_parameters(), chmod<S>},
      {"one.secgroup.commit", {an_id, {"recovery", Type::flag}}, commit},
      {"one.secgrouppool.info", pool_parameters(), pool_info<S>},
  };
}

}  // namespace nubo::api
