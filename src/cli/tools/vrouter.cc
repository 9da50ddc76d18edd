// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/user_inputs.h"
#include "cli/values.h"
#include "cli/vm_options.h"

namespace nubo::cli {
namespace {

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Virtual Router", 4, adjust, &id_value},
    Column{"NAME", "Name of the Virtual Router", 15, left | expand, &name_value},
    Column{"USER", "Username of the Virtual Router owner", 8, left, &user_value},
    Column{"GROUP", "Group of the Virtual Router", 8, left, &group_value},
};
constexpr ListLayout layout{columns, "ID,USER,GROUP,NAME"};

std::string address_of(const XmlNode& nic) {
  for (const char* key : {"IP", "IP6_GLOBAL", "IP6_ULA", "IP6"}) {
    if (!nic.get(key).empty()) return nic.get(key);
  }
  return "-";
}

void print_nics(Page& page, const XmlNode& router) {
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& nic : router.child("TEMPLATE").children("NIC")) {
    const bool manages = upper(nic.get("VROUTER_MANAGEMENT")) == "YES";
    rows.push_back(
        {nic.get("NIC_ID"), nic.get("NETWORK"), manages ? "YES" : "NO", address_of(nic)});
  }
  if (rows.empty()) return;
  page.blank();
  page.header("VIRTUAL ROUTER NICS");
  page.table({{"ID", 3}, {"NETWORK", 20, true}, {"MANAGEMENT", 10, true}, {"IP", 15, true}}, rows);
}

Status show(Run& run, const XmlNode& router) {
  Page page(run);
  page.title(fmt::format("VIRTUAL ROUTER {} INFORMATION", router.get("ID")));
  identity_lines(page, router, true);
  page.blank();
  page.permissions(router);
  print_nics(page, router);
  page.blank();
  std::vector<std::string_view> skip;
  if (!run.options.has("all")) skip.push_back("NIC");
  page.attributes("TEMPLATE CONTENTS", router.child("TEMPLATE"), skip);
  page.blank();
  page.id_list("VIRTUAL MACHINES", router.child("VMS"));
  return ok();
}

Result<int> create(Run& run) {
  const std::optional<std::string> text = created_text(run, 0);
  if (!text) return fail(Code::api, "Give the template of the router: a file, or standard input");
  return print_id(run, run.call_for_id("allocate", {*text}));
}

Result<int> instantiate(Run& run) {
  const int base = run.id(1);
  NUBO_TRY(std::string text, vm_template(run, 2));
  NUBO_TRY(const XmlDocument object, run.call_for_document("template.info", {base, false, false}));
  NUBO_TRY(const std::string inputs, answer_user_inputs(run, object.root().child("TEMPLATE")));
  text += "\n" + inputs;
  NUBO_CHECK(run.call("instantiate", {run.id(0), run.options.number("multiple", 1), base,
                                      run.options.get("name"), run.options.has("hold"), text}));
  run.done(run.id(0), "instantiated");
  return 0;
}

Result<std::string> nic_text(Run& run) {
  const Options& options = run.options;
  if (options.has("file")) return run.shell.read_file(options.get("file"));
  if (!options.has("network")) {
    return fail(Code::api,
                "Provide a template or a network:\n\t--file    <file>\n\t--network <network>");
  }
  std::vector<std::string> parts{"NETWORK_ID = " + options.get("network")};
  if (options.has("ip")) parts.push_back("IP = " + options.get("ip"));
  if (options.has("float")) parts.push_back("FLOATING_IP =\"yes\"");
  return fmt::format("NIC = [ {} ]", join(parts, ", "));
}

Result<int> attach_nic(Run& run) {
  NUBO_TRY(const std::string text, nic_text(run));
  NUBO_CHECK(run.call("attachnic", {run.id(0), text}));
  run.done(run.id(0), "Attach NIC");
  return 0;
}

constexpr std::array instantiate_options{
    Option{"name", 0, Takes::text, "name", "Name of the new VMs; %i is their number"},
    Option{"multiple", 'm', Takes::integer, "x", "Instance multiple VMs"},
    Option{"hold", 0, Takes::nothing, "", "Creates the new VMs on hold state instead of pending"},
};
constexpr std::array nic_options{
    Option{"file", 'f', Takes::text, "file", "Selects the template file"},
    Option{"network", 'n', Takes::object, "id|name", "Selects the virtual network", "vnet"},
    Option{"ip", 'i', Takes::text, "ip", "IP address for the new NIC"},
    Option{"float", 0, Takes::nothing, "", "The router has an address of its own there"},
};
constexpr std::array all_option{
    Option{"all", 0, Takes::nothing, "", "Also the NICs in the template section"},
};

constexpr std::array commands{
    Command{"create", "[file]", "Creates a new Virtual Router", {}, create},
    Command{"instantiate",
            "<vrouterid> <templateid> [file]",
            "Creates the VMs of the Virtual Router from a template",
            {},
            instantiate,
            {vm_template_options, instantiate_options}},
    Command{"nic-attach",
            "<vrouterid>",
            "Attaches a NIC to the Virtual Router and its VMs",
            {},
            attach_nic,
            {nic_options}},
    Command{"nic-detach",
            "<vrouterid> <nicid>",
            "Detaches a NIC from the Virtual Router and its VMs",
            {"detachnic", "# $1i", "Detach NIC"}},
};

}  // namespace

Tool vrouter_tool() {
  return {.name = "onevrouter",
          .pool = "vrouter",
          .id_name = "vrouterid",
          .noun = "VRouter",
          .common = common_owned | common_lock | common_delete | common_top,
          .commands = commands,
          .list = &layout,
          .show = show,
          .show_options = all_option};
}

}  // namespace nubo::cli
