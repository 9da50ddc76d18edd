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

constexpr const char* default_resources =
    "VM+IMAGE+TEMPLATE+DOCUMENT+SECGROUP+VROUTER+VMGROUP+BACKUPJOB";
constexpr const char* views =
    "FIREEDGE=[VIEWS=\"cloud\",\nDEFAULT_VIEW=\"cloud\",\nGROUP_ADMIN_VIEWS=groupadmin,\n"
    "GROUP_ADMIN_DEFAULT_VIEW=groupadmin]\n";

std::string users(const Row& row) { return count_text(row.node.child("USERS")); }

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Group", 4, adjust, &id_value},
    Column{"NAME", "Name of the Group", 15, left | expand, &name_value},
    Column{"USERS", "Number of Users in this group", 5, right, &users},
    Column{"VMS", "Number of VMS", 9, right, &quota_vms_value},
    Column{"MEMORY", "Total memory allocated to user VMs", 15, right, &quota_memory_value},
    Column{"CPU", "Total CPU allocated to user VMs", 11, right, &quota_cpu_value},
    Column{"PCI", "Total PCIs allocated to user VMs", 9, right, &quota_pci_value},
};
constexpr ListLayout layout{columns, "ID,NAME,USERS,VMS,MEMORY,CPU,PCI"};

Status show(Run& run, const XmlNode& group) {
  Page page(run);
  page.title(fmt::format("GROUP {} INFORMATION", group.get("ID")));
  page.line("ID", group.get("ID"));
  page.line("NAME", group.get("NAME"));
  page.blank();
  page.attributes("GROUP TEMPLATE", group.child("TEMPLATE"));
  page.blank();
  const std::vector<std::string> admins = ids(group.child("ADMINS"));
  std::vector<std::vector<std::string>> members;
  for (const std::string& id : ids(group.child("USERS"))) {
    members.push_back({id, std::ranges::find(admins, id) == admins.end() ? "" : "*"});
  }
  page.table({{"USER ID", 7}, {"ADMIN", 5, true}}, members);
  page.blank();
  NUBO_CHECK(print_quotas(run, group, "DEFAULT_GROUP_QUOTAS"));
  page.header("VLAN RULES");
  std::vector<std::vector<std::string>> rules;
  for (const XmlNode& rule : group.child("VLAN_RULES").children("RULE")) {
    rules.push_back({rule.get("VLAN_ID"), rule.get("SCOPE"), rule.get("VNTEMPLATE")});
  }
  page.table({{"VLAN_ID", 15, true}, {"SCOPE", 15, true}, {"VNTEMPLATE", 15, true}}, rules);
  page.blank();
  return ok();
}

Status add_admin(Run& run, int group) {
  const std::string driver = run.options.find("admin_driver").value_or("core");
  NUBO_TRY(const int user, run.call_for_id("user.allocate", {run.options.get("admin_user"),
                                                             run.options.get("admin_password"),
                                                             driver, std::vector<int>{group}}));
  NUBO_CHECK(run.call("addadmin", {group, user}));
  return ok();
}

// A group is useful only with its rules and its administrator: without them it is taken back.
Status equip(Run& run, int group) {
  const std::string resources = run.options.find("resources").value_or(default_resources);
  const Result<AclRule> parsed = parse_acl_rule(fmt::format("@{} {}/* CREATE *", group, resources));
  if (!parsed) return fail(Code::api, "Error creating group ACL's: {}", parsed.error().message);
  const AclRule& rule = *parsed;
  if (const Result<int> made =
          run.call_for_id("acl.addrule", {rule.user, rule.resource, rule.rights, rule.zone});
      !made) {
    return fail(made.error().code, "Error creating group ACL's: {}", made.error().message);
  }
  if (run.options.has("admin_user")) {
    if (const Status added = add_admin(run, group); !added) {
      return fail(added.error().code, "Error creating admin user: {}", added.error().message);
    }
  }
  return ok();
}

Result<int> create(Run& run) {
  const std::string name = run.has(0) ? run.text(0) : run.options.get("name");
  if (name.empty()) {
    return fail(Code::api,
                "Please use either a group name or command arguments. Run onegroup create -h for "
                "more information");
  }
  if (run.options.has("admin_user") && !run.options.has("admin_password")) {
    return fail(Code::api, "Admin user needs password");
  }
  NUBO_TRY(const int group, run.call_for_id("allocate", {name}));
  if (const Status status = equip(run, group); !status) {
    (void)run.call("delete", {group});
    return Failure(status.error());
  }
  NUBO_CHECK(run.call("update", {group, std::string(views), 1}));
  return print_id(run, group);
}

Result<int> vlan(Run& run) {
  const int id = run.id(0);
  TextSource source{1, false, [&]() -> Result<std::string> {
                      NUBO_TRY(const XmlDocument document, object_document(run, id));
                      return template_text(document.root().child("VLAN_RULES"), {"ID"});
                    }};
  const Result<std::string> text = edited_text(run, source);
  if (!text) return report_edit_error(run, text.error());
  NUBO_CHECK(run.call("vlan", {id, *text}));
  run.done(id, "modified");
  return 0;
}

constexpr std::array create_options{
    Option{"name", 'n', Takes::text, "name", "Name for the new group"},
    Option{"admin_user", 'u', Takes::text, "name",
           "Creates an admin user for the group with this name"},
    Option{"admin_password", 'p', Takes::text, "pass", "Password of the admin user"},
    Option{"admin_driver", 'd', Takes::text, "driver", "Authentication driver of the admin user"},
    Option{"resources", 'r', Takes::text, "res_str",
           "Which resources the group can create, joined with +"},
};

constexpr std::array commands{
    Command{"create", "[group_name]", "Creates a new Group", {}, create, {create_options}},
    Command{"addadmin",
            "<range|groupid_list> <userid>",
            "Makes a user administrator of the group",
            {"addadmin", "# $1", "admin added"}},
    Command{"deladmin",
            "<range|groupid_list> <userid>",
            "Takes the administration from a user",
            {"deladmin", "# $1", "admin deleted"}},
    Command{"show",
            "[groupid]",
            "Shows information of the group, by default the own one",
            {},
            show_command,
            {format_options, decrypt_options}},
    Command{"quota",
            "<groupid> [file]",
            "Sets the quota limits of the group, in the editor or from a file",
            {},
            quota_command},
    Command{"batchquota",
            "<range|groupid_list> [file]",
            "Sets the quota limits of several groups",
            {},
            batch_quota_command},
    Command{"defaultquota",
            "[file]",
            "Sets the default quota limits of groups",
            {},
            default_quota_command},
    Command{"vlan", "<groupid> [file]", "Sets the VLAN rules of the group", {}, vlan},
};

}  // namespace

Tool group_tool() {
  return {.name = "onegroup",
          .pool = "group",
          .id_name = "groupid",
          .noun = "Group",
          .common = common_list | common_show | common_update | common_delete,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
