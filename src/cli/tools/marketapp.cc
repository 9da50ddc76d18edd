// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "base/base64.h"
#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

template <std::size_t size>
std::string named(const std::array<const char*, size>& names, const XmlNode& app,
                  std::string_view key) {
  const auto place = static_cast<std::size_t>(number(app, key));
  return place < size ? names[place] : "";
}

constexpr std::array states{"ini", "rdy", "lck", "err", "dis"};
constexpr std::array short_types{"unk", "img", "tpl", "srv"};
constexpr std::array types{"UNKNOWN", "IMAGE", "VMTEMPLATE", "SERVICE_TEMPLATE"};

std::string version(const Row& row) { return row.node.get("VERSION"); }

std::string size(const Row& row) { return size_text(decimal(row.node, "SIZE"), 'M'); }

std::string architecture(const Row& row) { return get(row.node, "TEMPLATE/ARCHITECTURE"); }

std::string hypervisor(const Row& row) { return get(row.node, "TEMPLATE/HYPERVISOR"); }

std::string state(const Row& row) { return named(states, row.node, "STATE"); }

std::string type(const Row& row) { return named(short_types, row.node, "TYPE"); }

std::string registered(const Row& row) {
  return format_time(number(row.node, "REGTIME"), "%m/%d/%y");
}

std::string market(const Row& row) { return row.node.get("MARKETPLACE"); }

std::string zone(const Row& row) { return row.node.get("ZONE_ID"); }

constexpr std::array columns{
    Column{"ID", "ONE identifier for the marketplace app", 4, adjust, &id_value},
    Column{"NAME", "Name of the marketplace app", 20, left | expand, &name_value},
    Column{"VERSION", "Version of the app", 10, right, &version},
    Column{"SIZE", "App size", 5, right, &size},
    Column{"ARCH", "OS Architecture", 7, right, &architecture},
    Column{"HYPERVISOR", "Hypervisor to use for VMs", 10, left, &hypervisor},
    Column{"STAT", "State of the app", 4, right, &state},
    Column{"REGTIME", "Registration time of the app", 8, right, &registered},
    Column{"TYPE", "Marketplace app type", 4, right, &type},
    Column{"MARKET", "Name of the MarketPlace", 10, left, &market},
    Column{"ZONE", "Zone ID", 4, right, &zone},
};
constexpr ListLayout layout{columns,
                            "ID,NAME,VERSION,SIZE,ARCH,HYPERVISOR,STAT,TYPE,REGTIME,MARKET,ZONE"};

void print_details(Page& page, const XmlNode& app) {
  page.header("DETAILS");
  page.line("SOURCE", app.get("SOURCE"));
  page.line("MD5", app.get("MD5"));
  page.line("PUBLISHER", app.get("PUBLISHER"));
  page.line("REGISTER TIME", format_time(number(app, "REGTIME"), "%a %b %e %H:%M:%S %Y"));
  page.line("VERSION", app.get("VERSION"));
  page.line("DESCRIPTION", app.get("DESCRIPTION"));
  page.line("SIZE", size_text(decimal(app, "SIZE"), 'M'));
  page.line("ORIGIN_ID", app.get("ORIGIN_ID"));
  page.line("FORMAT", app.get("FORMAT"));
}

Status show(Run& run, const XmlNode& app) {
  Page page(run);
  page.title(fmt::format("MARKETPLACE APP {} INFORMATION", app.get("ID")));
  page.line("ID", app.get("ID"));
  page.line("NAME", app.get("NAME"));
  page.line("TYPE", named(types, app, "TYPE"));
  page.line("USER", app.get("UNAME"));
  page.line("GROUP", app.get("GNAME"));
  page.line("MARKETPLACE", app.get("MARKETPLACE"));
  page.line("STATE", named(states, app, "STATE"));
  page.line("LOCK", lock_text(app));
  page.blank();
  page.permissions(app);
  page.blank();
  print_details(page, app);
  page.blank();
  page.header("IMPORT TEMPLATE");
  run.line(strip(base64_decode(app.get("APPTEMPLATE64"))));
  page.blank();
  page.attributes("MARKETPLACE APP TEMPLATE", app.child("TEMPLATE"));
  page.blank();
  return ok();
}

std::string described_app(const Options& options) {
  std::string text;
  if (options.has("name")) text += fmt::format("NAME={}\n", quoted(options.get("name")));
  if (options.has("description")) {
    text += fmt::format("DESCRIPTION={}\n", quoted(options.get("description")));
  }
  if (options.has("image")) text += fmt::format("ORIGIN_ID={}\nTYPE=image\n", options.get("image"));
  return text;
}

Result<int> create(Run& run) {
  const Options& options = run.options;
  if (!options.has("marketplace")) {
    return fail(Code::api, "Marketplace to save the app is mandatory: \n\t -m marketplace_id");
  }
  std::string text = described_app(options);
  if (const std::optional<std::string> given = created_text(run, 0)) {
    std::vector<std::string> conflicts;
    for (const char* name : {"name", "description", "image", "dry"}) {
      if (options.has(name)) conflicts.push_back(name);
    }
    if (!conflicts.empty()) {
      return fail(Code::api,
                  "You cannot pass template on STDIN and use template creation options, "
                  "conflicting options: {}.",
                  join(conflicts, ", "));
    }
    text = *given;
  }
  if (options.has("dry")) {
    run.print(text);
    return 0;
  }
  return print_id(run, run.call_for_id("allocate", {text, options.number("marketplace", -1)}));
}

/// An image that the daemon fills from the app.
Result<int> export_app(Run& run) {
  NUBO_CHECK(run.call("info", {run.id(0), false}));
  if (!run.options.has("datastore")) return fail(Code::api, "Missing datastore id");
  run.line("IMAGE");
  const std::string text =
      fmt::format("NAME     = {}\nFROM_APP = \"{}\"\n", quoted(run.text(1)), run.id(0));
  return print_id(
      run, run.call_for_id("image.allocate", {text, run.options.number("datastore", -1), false}),
      "    ID");
}

constexpr std::array create_options{
    Option{"marketplace", 'm', Takes::object, "id|name", "Selects the marketplace", "marketplace"},
    Option{"name", 0, Takes::text, "name", "Name of the new app"},
    Option{"description", 0, Takes::text, "description", "Description of the new app"},
    Option{"image", 0, Takes::object, "id|name", "Selects the image", "image"},
    Option{"dry", 0, Takes::nothing, "", "Just print the template"},
};
constexpr std::array export_options{
    Option{"datastore", 'd', Takes::object, "id|name", "Selects the datastore", "datastore"},
};

constexpr std::array commands{
    Command{"create", "[file]", "Creates a new marketplace app", {}, create, {create_options}},
    Command{
        "export", "<appid> <name>", "Makes an image of the app", {}, export_app, {export_options}},
};

}  // namespace

Tool marketapp_tool() {
  return {.name = "onemarketapp",
          .pool = "app",
          .id_name = "appid",
          .noun = "MarketPlaceApp",
          .common = common_owned | common_lock | common_delete | common_enable,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
