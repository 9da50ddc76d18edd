// SPDX-License-Identifier: Apache-2.0
#include "api/vlan_rules.h"

#include <algorithm>
#include <array>

#include "base/lists.h"
#include "text/trim.h"

namespace nubo::api {
namespace {

struct Range {
  unsigned first = 0, last = 0;
};

struct Scope {
  const char* attribute;
  const char* word;
};

constexpr std::array scopes{Scope{"VLAN_ID", "VLAN_ID"}, Scope{"OUTER_VLAN_ID", "OUTER_VLAN_ID"},
                            Scope{"CVLANS", "CVLAN"}, Scope{"VLAN_TAGGED_ID", "VLAN_TAGGED_ID"}};
constexpr const char* any = "ANY";
constexpr const char* every_template = "-1";

std::optional<Range> range_in(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_number<unsigned>(text.substr(0, dash));
  const auto last =
      dash == std::string_view::npos ? first : parse_number<unsigned>(text.substr(dash + 1));
  if (!first || !last) return {};
  return Range{std::min(*first, *last), std::max(*first, *last)};
}

/// Nothing when a part is no range.
std::optional<std::vector<Range>> ranges_in(std::string_view list) {
  std::vector<Range> ranges;
  for (const std::string_view each : split(list)) {
    const auto range = range_in(trimmed(each));
    if (!range) return {};
    ranges.push_back(*range);
  }
  return ranges;
}

/// What the caller's groups allow in a scope, for networks that no template made.
std::vector<Range> allowed(const Context& call, const char* scope) {
  std::vector<Range> ranges;
  for (const GroupId id : call.caller.groups) {
    const auto group = call.snapshot->find<Group>(id);
    if (!group) continue;
    for (const Vector* rule : group->vlan_rules.vectors("RULE")) {
      const bool counts = (rule->get("SCOPE") == scope || rule->get("SCOPE") == any) &&
                          rule->get("VNTEMPLATE") == every_template;
      if (!counts) continue;
      const auto more = ranges_in(rule->get("ID")).value_or(std::vector<Range>{});
      ranges.insert(ranges.end(), more.begin(), more.end());
    }
  }
  std::ranges::sort(ranges, {}, &Range::first);
  return ranges;
}

/// Whether sorted ranges hold all of one, together.
bool covers(const std::vector<Range>& sorted, Range wanted) {
  for (const Range& each : sorted) {
    if (each.first > wanted.first) return false;
    if (each.last >= wanted.last) return true;
    wanted.first = std::max(wanted.first, each.last + 1);
  }
  return false;
}

Status check_value(const Context& call, const Scope& scope, const std::string& value) {
  const auto wanted = ranges_in(value);
  const std::vector<Range> free = allowed(call, scope.word);
  const bool may = wanted && std::ranges::all_of(*wanted, [&free](const Range& range) {
                     return covers(free, range);
                   });
  if (may) return ok();
  return fail(Code::authorization,
              "User [{}] : {} {} is not allowed by the VLAN rules of his groups.", call.caller.uid,
              scope.attribute, value);
}

Status settle_rule(Vector& rule) {
  if (rule.get("ID").empty()) return fail(Code::action, "Missing ID in VLAN rule");
  if (!is_id_list(rule.get("ID"))) {
    return fail(Code::action, "Wrong ID in VLAN rule: {}", rule.get("ID"));
  }
  const std::string word = upper_case(rule.get("SCOPE"));
  if (word.empty()) return fail(Code::action, "Missing SCOPE in VLAN rule");
  if (word != any && std::ranges::find(scopes, word, &Scope::word) == scopes.end()) {
    return fail(Code::action, "Wrong SCOPE in VLAN rule: {}", rule.get("SCOPE"));
  }
  rule.set("SCOPE", word);
  rule.set_default("VNTEMPLATE", every_template);
  const std::string& templates = rule.get("VNTEMPLATE");
  if (templates == every_template || is_id_list(templates)) return ok();
  return fail(Code::action, "Wrong VNTEMPLATE in VLAN rule: {}", templates);
}

}  // namespace

bool is_id_list(std::string_view list) { return ranges_in(list).has_value(); }

Status settle_vlan_rules(Template& rules) {
  for (Vector* rule : rules.vectors("RULE")) NUBO_CHECK(settle_rule(*rule));
  return ok();
}

Status check_vlans(const Context& call, const Template& given, const Template& before) {
  if (call.caller.is_admin()) return ok();
  for (const Scope& scope : scopes) {
    const std::string& value = given.get(scope.attribute);
    if (!value.empty() && value != before.get(scope.attribute)) {
      NUBO_CHECK(check_value(call, scope, value));
    }
    for (const Vector* range : given.vectors("AR")) {
      const std::string& own = range->get(scope.attribute);
      if (!own.empty()) NUBO_CHECK(check_value(call, scope, own));
    }
  }
  return ok();
}

}  // namespace nubo::api
