// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/render.h"
#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/tools/user_commands.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

std::string enabled(const Row& row) { return row.node.get("ENABLED") == "1" ? "yes" : "no"; }

std::string auth(const Row& row) { return row.node.get("AUTH_DRIVER"); }

std::string password(const Row& row) { return row.node.get("PASSWORD"); }

constexpr std::array columns{
    Column{"ID", "ONE identifier for the User", 4, adjust, &id_value},
    Column{"NAME", "Name of the User", 10, left | expand, &name_value},
    Column{"ENABLED", "User is enabled", 4, left, &enabled},
    Column{"GROUP", "Group of the User", 8, left, &group_value},
    Column{"AUTH", "Auth driver of the User", 8, left, &auth},
    Column{"VMS", "Number of VMS", 9, right, &quota_vms_value},
    Column{"MEMORY", "Total memory allocated to user VMs", 15, right, &quota_memory_value},
    Column{"CPU", "Total CPU allocated to user VMs", 10, right, &quota_cpu_value},
    Column{"PCI", "Total PCIs allocated to user VMs", 9, right, &quota_pci_value},
    Column{"PASSWORD", "Password of the User", 50, right, &password},
};
constexpr ListLayout layout{columns, "ID,NAME,ENABLED,GROUP,AUTH,VMS,MEMORY,CPU,PCI"};

constexpr std::array search_columns{
    Column{"ID", "", 4, right, &id_value},
    Column{"NAME", "", 10, left, &name_value},
    Column{"AUTH", "", 8, left, &auth},
    Column{"PASSWORD", "", 50, right, &password},
};
constexpr ListLayout search_layout{search_columns, "ID,NAME,AUTH,PASSWORD"};

Status print_tokens(Run& run, Page& page, const XmlNode& user) {
  page.header("TOKENS");
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& token : user.children("LOGIN_TOKEN")) {
    const bool whole = token.get("EGID") == "-1";
    const std::string group = whole ? user.get("GID") : token.get("EGID");
    NUBO_TRY(const XmlDocument document,
             run.call_for_document("group.info", {leading_int(group), false}));
    const long long until = number(token, "EXPIRATION_TIME");
    // A token that is good for all groups of the user is marked.
    const std::string egid = (whole ? "*" : "") + group;
    rows.push_back({token.get("TOKEN"), egid, document.root().get("NAME"),
                    until == -1               ? "forever"
                    : until < run.shell.now() ? "expired"
                                              : format_time(until, "%Y-%m-%d %H:%M:%S")});
  }
  if (!rows.empty())
    page.table({{"ID", 7}, {"EGID", 5, true}, {"EGROUP", 10, true}, {"EXPIRATION", 20, true}},
               rows);
  return ok();
}

Status show(Run& run, const XmlNode& user) {
  Page page(run, {.label = 16});
  page.title(fmt::format("USER {} INFORMATION", user.get("ID")));
  page.line("ID", user.get("ID"));
  page.line("NAME", user.get("NAME"));
  page.line("GROUP", user.get("GNAME"));
  if (const std::vector<std::string> groups = ids(user.child("GROUPS")); groups.size() > 1) {
    page.line("SECONDARY GROUPS", join(groups, ","));
  }
  page.line("PASSWORD", user.get("PASSWORD"));
  page.line("AUTH_DRIVER", user.get("AUTH_DRIVER"));
  page.line("ENABLED", yes_no(user.get("ENABLED") == "1"));
  page.blank();
  NUBO_CHECK(print_tokens(run, page, user));
  page.blank();
  page.attributes("USER TEMPLATE", user.child("TEMPLATE"));
  page.blank();
  return print_quotas(run, user, "DEFAULT_USER_QUOTAS");
}

Result<int> password_search(Run& run) {
  NUBO_TRY(const XmlNode users, run.pool(*find_pool("user")));
  if (run.options.has("xml")) {
    run.print(xml_text(users));
    return 0;
  }
  Listing listing(run, search_layout);
  NUBO_CHECK(listing.prepare());
  std::vector<XmlNode> found;
  for (const XmlNode& user : users.children("USER")) {
    if (user.get("AUTH_DRIVER") == run.text(0) && user.get("PASSWORD") == run.text(1))
      found.push_back(user);
  }
  listing.add(found);
  std::string table;
  listing.print(table, run.shell.terminal.out, true);
  run.print(table);
  return 0;
}

constexpr std::array auth_options{
    Option{"read-file", 'r', Takes::nothing, "", "Read password from file"},
    Option{"sha256", 0, Takes::nothing, "",
           "The password will be hashed using the sha256 algorithm"},
    Option{"driver", 0, Takes::text, "driver", "Driver to authenticate this user"},
    Option{"group", 0, Takes::text, "id|name",
           "Groups for the new user, joined with commas; the first is the main one"},
};
constexpr std::array login_options{
    Option{"time", 0, Takes::integer, "x",
           "Token duration in seconds, 36000 by default; 0 ends it, -1 is forever"},
    Option{"force", 0, Takes::nothing, "", "Overwrite the file without asking"},
    Option{"group", 0, Takes::object, "id|name", "Group that the token is good for", "group"},
    Option{"stdin_password", 0, Takes::nothing, "", "Read the password from standard input"},
};
constexpr std::array search_options{
    Option{"csv", 0, Takes::nothing, "", "Write the table in CSV format"},
    Option{"xml", 'x', Takes::nothing, "", "Show the resource in XML format"},
};

constexpr std::array commands{
    Command{
        "create", "<username> [password]", "Creates a new User", {}, create_user, {auth_options}},
    Command{"quota",
            "<userid> [file]",
            "Sets the quota limits of the user, in the editor or from a file",
            {},
            quota_command},
    Command{"batchquota",
            "<range|userid_list> [file]",
            "Sets the quota limits of several users",
            {},
            batch_quota_command},
    Command{"defaultquota",
            "[file]",
            "Sets the default quota limits of users",
            {},
            default_quota_command},
    Command{"umask",
            "<range|userid_list> [mask]",
            "Changes the umask of new objects",
            {},
            change_umask},
    Command{"login", "[username]", "Makes a login token", {}, create_token, {login_options}},
    Command{"token-create",
            "[username]",
            "Makes a login token and writes it to the file of ONE_AUTH",
            {},
            create_token,
            {login_options}},
    Command{"token-delete",
            "[username] <token>",
            "Ends a login token",
            {},
            delete_token,
            {login_options}},
    Command{"token-delete-all",
            "<username>",
            "Ends all login tokens of a user",
            {},
            delete_all_tokens,
            {login_options}},
    Command{"passwd",
            "<userid> [password]",
            "Changes the password",
            {},
            change_password,
            {auth_options}},
    Command{"chgrp",
            "<range|userid_list> <groupid>",
            "Changes the main group",
            {"chgrp", "# $1", "Group changed"}},
    Command{"addgroup",
            "<range|userid_list> <groupid>",
            "Adds the user to a secondary group",
            {"addgroup", "# $1", "group added"}},
    Command{"delgroup",
            "<range|userid_list> <groupid>",
            "Takes the user out of a secondary group",
            {"delgroup", "# $1", "group deleted"}},
    Command{"chauth",
            "<userid> [auth] [password]",
            "Changes the authentication driver and password",
            {},
            change_auth,
            {auth_options}},
    Command{"show",
            "[userid]",
            "Shows information of the user, by default the own one",
            {},
            show_command,
            {format_options, decrypt_options}},
    Command{"encode",
            "<username> [password]",
            "Encodes user and password for a session text",
            {},
            encode_session},
    Command{"passwdsearch",
            "<driver> <password>",
            "Searches for users with that driver and password",
            {},
            password_search,
            {search_options}},
};

}  // namespace

Tool user_tool() {
  return {.name = "oneuser",
          .pool = "user",
          .id_name = "userid",
          .noun = "User",
          .common = common_list | common_show | common_update | common_delete | common_enable,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
