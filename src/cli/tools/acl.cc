// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/acl_rule.h"
#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

// "@1 VM+IMAGE/* CREATE #0"
struct RuleText {
  std::string user, types, selector, rights, zone;
};

RuleText rule_of(const Row& row) {
  const std::vector<std::string> words = split(row.node.get("STRING"), ' ');
  RuleText rule;
  if (words.size() < 3) return rule;
  const std::size_t slash = words[1].find('/');
  rule.user = words[0];
  rule.types = words[1].substr(0, slash);
  rule.selector = slash == std::string::npos ? "" : words[1].substr(slash + 1);
  rule.rights = words[2];
  rule.zone = words.size() > 3 ? words[3] : "";
  return rule;
}

/// A letter for each entry of the table that "A+B" names, '-' for the others.
template <class Table>
std::string letters(const Table& table, const std::string& names) {
  const std::vector<std::string> given = split(names, '+');
  std::string text;
  for (const auto& each : table) {
    text += std::ranges::find(given, each.name) != given.end() ? each.letter : '-';
  }
  return text;
}

std::string user(const Row& row) { return rule_of(row).user; }

std::string types(const Row& row) { return letters(acl_types, rule_of(row).types); }

std::string selector(const Row& row) { return rule_of(row).selector; }

std::string rights(const Row& row) { return letters(acl_rights, rule_of(row).rights); }

std::string zone(const Row& row) { return rule_of(row).zone; }

std::string text(const Row& row) { return row.node.get("STRING"); }

constexpr std::array columns{
    Column{"ID", "Rule Identifier", 4, adjust, &id_value},
    Column{"USER", "To which resource owner the rule applies to", 8, right, &user},
    Column{"RES_VHNIUTGDCOZSvRMAPtB", "Resource to which the rule applies", 23, right, &types},
    Column{"RID", "Resource ID", 5, right, &selector},
    Column{"ZONE", "Zone ID", 5, right, &zone},
    Column{"OPE_UMAC", "Operation to which the rule applies", 8, right, &rights},
    Column{"STRING", "ACL rule in string format", 5, left | adjust, &text},
};
constexpr ListLayout layout{columns, "ID,USER,RES_VHNIUTGDCOZSvRMAPtB,RID,OPE_UMAC,ZONE"};

Result<int> create(Run& run) {
  AclRule rule{run.text(0), run.text(1), run.text(2), ""};
  if (!run.has(2)) {
    NUBO_TRY(rule, parse_acl_rule(run.text(0)));
  }
  return print_id(run,
                  run.call_for_id("addrule", {rule.user, rule.resource, rule.rights, rule.zone}));
}

constexpr std::array commands{
    Command{"create", "<user|rulestr> [resource] [rights]", "Adds a new ACL rule", {}, create},
    Command{"delete", "<range>", "Deletes an existing ACL rule", {"delrule", "#", "deleted"}},
};

}  // namespace

Tool acl_tool() {
  return {.name = "oneacl",
          .pool = "acl",
          .id_name = "aclid",
          .noun = "ACL rule",
          .common = common_list,
          .commands = commands,
          .list = &layout};
}

}  // namespace nubo::cli
