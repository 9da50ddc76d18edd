// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Security Group", 4, adjust, &id_value},
    Column{"NAME", "Name of the Security Group", 15, left | expand, &name_value},
    Column{"USER", "Username of the Security Group owner", 8, left, &user_value},
    Column{"GROUP", "Group of the Security Group", 8, left, &group_value},
    Column{"UPDATED", "Number of VMs with updated rules", 8, right, &updated_value},
    Column{"OUTDATED", "Number of VMs with outdated rules", 8, right, &outdated_value},
    Column{"ERROR", "Number of VMs that failed to update rules", 8, right, &error_value},
};
constexpr ListLayout layout{columns, "ID,USER,GROUP,NAME,UPDATED,OUTDATED,ERROR"};

std::string network_text(const XmlNode& rule) {
  if (const std::string network = rule.get("NETWORK_ID"); !network.empty())
    return "VNet " + network;
  if (rule.get("SIZE").empty()) return "Any";
  const std::string first = rule.get("IP").empty() ? rule.get("MAC") : rule.get("IP");
  return fmt::format("Start: {}, Size: {}", first, rule.get("SIZE"));
}

Status show(Run& run, const XmlNode& group) {
  Page page(run);
  page.title(fmt::format("SECURITY GROUP {} INFORMATION", group.get("ID")));
  identity_lines(page, group, false);
  page.permissions(group);
  page.blank();
  machine_lines(page, group);
  page.blank();
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& rule : group.child("TEMPLATE").children("RULE")) {
    rows.push_back(
        {rule.get("RULE_TYPE"), rule.get("PROTOCOL"), rule.get("ICMP_TYPE"),
         rule.get("ICMPV6_TYPE").empty() ? rule.get("ICMPv6_TYPE") : rule.get("ICMPV6_TYPE"),
         network_text(rule), rule.get("RANGE")});
  }
  page.header("RULES");
  page.table({{"TYPE", 8, true},
              {"PROTOCOL", 8, true},
              {"ICMP_TYPE", 9, true},
              {"ICMVP6_TYPE", 11, true},
              {"NETWORK", 35, true},
              {"RANGE", 16, true, true}},
             rows);
  page.blank();
  page.attributes("TEMPLATE CONTENTS", group.child("TEMPLATE"), {"RULE"});
  return ok();
}

Result<int> create(Run& run) {
  NUBO_TRY(const std::string text, run.shell.read_file(run.text(0)));
  return print_id(run, run.call_for_id("allocate", {text}));
}

Result<int> clone(Run& run) {
  return print_id(run, run.call_for_id("clone", {run.id(0), run.text(1)}));
}

constexpr std::array commit_options{
    Option{"recover", 'r', Takes::nothing, "", "Only the outdated and failed VMs"},
};

constexpr std::array commands{
    Command{"create", "<file>", "Creates a new Security Group", {}, create},
    Command{"clone", "<secgroupid> <name>", "Creates a copy of a Security Group", {}, clone},
    Command{"commit",
            "<secgroupid>",
            "Applies the rules to the VMs that use them",
            {"commit", "# ?recover", "commit"},
            nullptr,
            {commit_options}},
};

}  // namespace

Tool secgroup_tool() {
  return {.name = "onesecgroup",
          .pool = "secgroup",
          .id_name = "secgroupid",
          .noun = "Security Group",
          .common = common_owned | common_delete,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
