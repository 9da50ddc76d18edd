// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

std::string vms(const Row& row) {
  std::size_t count = 0;
  for (const XmlNode& role : row.node.child("ROLES").children("ROLE")) {
    if (!role.get("VMS").empty()) count += split(role.get("VMS"), ',').size();
  }
  return std::to_string(count);
}

std::string roles(const Row& row) {
  std::vector<std::string> names;
  for (const XmlNode& role : row.node.child("ROLES").children("ROLE")) {
    names.push_back(role.get("NAME"));
  }
  return join(names, ", ");
}

constexpr std::array columns{
    Column{"ID", "ONE identifier for the VM Group", 4, adjust, &id_value},
    Column{"NAME", "Name of the VM Group", 15, left | expand, &name_value},
    Column{"USER", "Username of the VM Group owner", 8, left, &user_value},
    Column{"GROUP", "Group of the VM Group", 8, left, &group_value},
    Column{"VMS", "Number of VMs in the VM Group", 4, left, &vms},
    Column{"ROLES", "Roles in the VM Group", 36, left, &roles},
};
constexpr ListLayout layout{columns, "ID,USER,GROUP,NAME,VMS,ROLES"};

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

Status show(Run& run, const XmlNode& group) {
  Page page(run);
  page.title(fmt::format("VM GROUP {} INFORMATION", group.get("ID")));
  identity_lines(page, group, true);
  page.blank();
  page.permissions(group);
  page.blank();
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& role : group.child("ROLES").children("ROLE")) {
    rows.push_back({role.get("ID"), role.get("NAME"), or_dash(role.get("POLICY")),
                    or_dash(role.get("HOST_AFFINED")), or_dash(role.get("HOST_ANTI_AFFINED")),
                    role.get("VMS")});
  }
  page.header("ROLES");
  page.table({{"ID", 4, true},
              {"NAME", 8, true},
              {"POLICY", 12, true},
              {"AFFINED_HOSTS", 18, true},
              {"ANTI_AFFINED_HOST", 18, true},
              {"VIRTUAL_MACHINES", 20, true}},
             rows);
  page.blank();
  page.attributes("TEMPLATE CONTENTS", group.child("TEMPLATE"));
  return ok();
}

Result<int> create(Run& run) {
  NUBO_TRY(const std::string text, run.shell.read_file(run.text(0)));
  return print_id(run, run.call_for_id("allocate", {text}));
}

Result<int> add_role(Run& run) {
  const Result<std::string> text =
      edited_text(run, {1, false, [] { return Result<std::string>(""); }});
  if (!text) return report_edit_error(run, text.error());
  NUBO_CHECK(run.call("roleadd", {run.id(0), *text}));
  run.done(run.id(0), "Role added");
  return 0;
}

Result<std::string> role_text(Run& run) {
  NUBO_TRY(const XmlDocument group, run.call_for_document("info", {run.id(0), false}));
  for (const XmlNode& role : group.root().child("ROLES").children("ROLE")) {
    if (role.get("ID") == run.text(1)) return template_text(role);
  }
  return fail(Code::no_exists, "Role {} not found", run.text(1));
}

Result<int> update_role(Run& run) {
  Result<std::string> text = edited_text(run, {2, false, [&run] { return role_text(run); }});
  if (!text) return report_edit_error(run, text.error());
  if (!run.has(2)) text = fmt::format("ROLE=[\n{}]", join(split(*text, '\n'), ",\n"));
  NUBO_CHECK(run.call("roleupdate", {run.id(0), run.id(1), *text}));
  run.done(run.id(0), "Role updated");
  return 0;
}

constexpr std::array commands{
    Command{"create", "<file>", "Creates a new VM Group from the given description", {}, create},
    Command{"role-add", "<vmgroupid> [file]", "Adds a role to the VM Group", {}, add_role},
    Command{"role-delete",
            "<vmgroupid> <roleid>",
            "Deletes a role from the VM Group",
            {"roledelete", "# $1i", "Role removed"}},
    Command{"role-update",
            "<vmgroupid> <roleid> [file]",
            "Changes a role of the VM Group",
            {},
            update_role},
};

}  // namespace

Tool vmgroup_tool() {
  return {.name = "onevmgroup",
          .pool = "vmgroup",
          .id_name = "vmgroupid",
          .noun = "VMGroup",
          .common = common_owned | common_lock | common_delete,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
