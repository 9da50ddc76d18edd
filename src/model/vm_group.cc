// SPDX-License-Identifier: Apache-2.0
#include "model/vm_group.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>

#include "base/lists.h"
#include "text/trim.h"

namespace nubo {
namespace {

constexpr std::size_t most_roles = 32;
constexpr std::array rule_names{"AFFINED", "ANTI_AFFINED"};

std::set<std::string> words(std::string_view list) {
  std::set<std::string> found;
  for (const std::string_view word : split(list)) {
    if (!trimmed(word).empty()) found.emplace(trimmed(word));
  }
  return found;
}

template <class Group>
auto* find_role(Group& group, std::string_view key, std::string_view value) {
  auto roles = group.roles.vectors("ROLE");
  const auto found =
      std::ranges::find_if(roles, [&](const Vector* role) { return role->get(key) == value; });
  return found == roles.end() ? nullptr : *found;
}

/// All roles in the rules of one kind; Code::internal when a rule is wrong by itself.
Result<std::set<std::string>> roles_in_rules(const VmGroup& group, std::string_view attribute) {
  std::set<std::string> all;
  std::vector<std::set<std::string>> seen;
  for (const Attribute& rule : group.attributes) {
    if (rule.name != attribute || !rule.single()) continue;
    const std::set<std::string> roles = words(*rule.single());
    if (!std::ranges::all_of(roles, [&](const auto& name) { return role_named(group, name); })) {
      return fail(Code::internal, "Some roles used in {} attribute ({}) are not defined", attribute,
                  *rule.single());
    }
    if (std::ranges::find(seen, roles) != seen.end()) {
      return fail(Code::internal, "Duplicated {} definition ({})", attribute, *rule.single());
    }
    seen.push_back(roles);
    all.insert(roles.begin(), roles.end());
  }
  return all;
}

}  // namespace

const Vector* role_named(const VmGroup& group, std::string_view name) {
  return find_role(group, "NAME", name);
}

Vector* role_named(VmGroup& group, std::string_view name) { return find_role(group, "NAME", name); }

const Vector* role_numbered(const VmGroup& group, int id) {
  return find_role(group, "ID", std::to_string(id));
}

Vector* role_numbered(VmGroup& group, int id) { return find_role(group, "ID", std::to_string(id)); }

IdSet<VmTag> vms_of(const Vector& role) {
  IdSet<VmTag> vms;
  for (const std::string& word : words(role.get("VMS"))) {
    if (const auto id = parse_number<int>(word)) vms.insert(VmId{*id});
  }
  return vms;
}

void set_vms(Vector& role, const IdSet<VmTag>& vms) {
  if (vms.empty()) {
    role.erase("VMS");
  } else {
    role.set("VMS", fmt::format("{}", fmt::join(vms, ",")));
  }
}

std::size_t count_vms(const VmGroup& group) {
  std::size_t count = 0;
  for (const Vector* role : group.roles.vectors("ROLE")) count += vms_of(*role).size();
  return count;
}

Status add_role(VmGroup& group, Vector role) {
  const std::string& name = role.get("NAME");
  if (name.empty()) return fail(Code::internal, "Missing NAME in VM group role");
  if (role_named(group, name)) return fail(Code::internal, "Role already exists");
  int last = -1;
  const auto roles = group.roles.vectors("ROLE");
  if (roles.size() == most_roles) {
    return fail(Code::internal, "A VM group cannot have more than {} roles", most_roles);
  }
  for (const Vector* other : roles) last = std::max(last, other->number<int>("ID").value_or(-1));
  role.set("ID", std::to_string(last + 1));
  role.erase("VMS");
  group.roles.add("ROLE", std::move(role));
  return ok();
}

Status change_role(VmGroup& group, int id, const Vector& given) {
  Vector* role = role_numbered(group, id);
  const std::string& name = given.get("NAME");
  if (given.contains("NAME") && name != role->get("NAME")) {
    if (name.empty()) return fail(Code::internal, "Missing NAME in VM group role");
    if (role_named(group, name)) return fail(Code::internal, "Role already exists");
  }
  for (const auto& [key, value] : given) {
    if (key != "ID" && key != "VMS") role->set(key, value);
  }
  return check_rules(group);
}

void remove_role(VmGroup& group, int id) {
  group.roles.erase_if([text = std::to_string(id)](const Attribute& attribute) {
    return attribute.vector() && attribute.vector()->get("ID") == text;
  });
}

std::vector<std::set<std::string>> rules_of(const VmGroup& group, std::string_view attribute) {
  std::vector<std::set<std::string>> rules;
  for (const Attribute& rule : group.attributes) {
    if (rule.name == attribute && rule.single()) rules.push_back(words(*rule.single()));
  }
  return rules;
}

Status check_rules(const VmGroup& group) {
  std::array<std::set<std::string>, rule_names.size()> used;
  for (std::size_t kind = 0; kind < rule_names.size(); ++kind) {
    NUBO_TRY(used.at(kind), roles_in_rules(group, rule_names.at(kind)));
  }
  const auto& [together, apart] = used;
  for (const std::string& name : together) {
    if (role_named(group, name)->get("POLICY") == "ANTI_AFFINED") {
      return fail(Code::internal, "Role {} is ANTI_AFFINED and cannot be in an AFFINED rule", name);
    }
  }
  std::vector<std::string> both;
  std::ranges::set_intersection(together, apart, std::back_inserter(both));
  if (both.empty()) return ok();
  return fail(Code::internal, "Roles {} are in AFFINED and in ANTI_AFFINED rules",
              fmt::join(both, ", "));
}

}  // namespace nubo
