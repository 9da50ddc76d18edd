// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

std::string size(const Row& row) { return size_text(decimal(row.node, "TOTAL_MB"), 'M'); }

std::string apps(const Row& row) { return count_text(row.node.child("MARKETPLACEAPPS")); }

std::string driver(const Row& row) { return row.node.get("MARKET_MAD"); }

std::string zone(const Row& row) { return row.node.get("ZONE_ID"); }

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Marketplace", 4, adjust, &id_value},
    Column{"USER", "Username of the Marketplace owner", 8, left, &user_value},
    Column{"GROUP", "Group of the Marketplace", 8, left, &group_value},
    Column{"NAME", "Name of the Marketplace", 15, left | expand, &name_value},
    Column{"SIZE", "Marketplace total size", 10, right, &size},
    Column{"AVAIL", "Marketplace free size", 10, left, &avail_value},
    Column{"APPS", "Number of marketplace apps", 6, right, &apps},
    Column{"MAD", "Marketplace driver", 7, left, &driver},
    Column{"ZONE", "Zone ID", 4, right, &zone},
    Column{"STAT", "Markeplace status", 4, left, &on_off_value},
};
constexpr ListLayout layout{columns, "ID,NAME,SIZE,AVAIL,APPS,MAD,ZONE,STAT"};

Status show(Run& run, const XmlNode& market) {
  Page page(run);
  page.title(fmt::format("MARKETPLACE {} INFORMATION", market.get("ID")));
  identity_lines(page, market, false);
  page.line("STATE", market.get("STATE") == "0" ? "ENABLED" : "DISABLED");
  page.line("MARKET_MAD", market.get("MARKET_MAD"));
  page.blank();
  page.header("MARKETPLACE CAPACITY");
  page.line("TOTAL:", size_text(decimal(market, "TOTAL_MB"), 'M'));
  page.line("FREE:", size_text(decimal(market, "FREE_MB"), 'M'));
  page.line("USED:", size_text(decimal(market, "USED_MB"), 'M'));
  page.blank();
  page.permissions(market);
  page.blank();
  page.attributes("MARKETPLACE TEMPLATE", market.child("TEMPLATE"));
  page.blank();
  page.id_list("MARKETAPPS", market.child("MARKETPLACEAPPS"));
  return ok();
}

Result<int> create(Run& run) {
  const std::optional<std::string> text = created_text(run, 0);
  if (!text) {
    return fail(Code::api, "Give the template of the marketplace: a file, or standard input");
  }
  return print_id(run, run.call_for_id("allocate", {*text}));
}

constexpr std::array commands{
    Command{"create", "[file]", "Creates a new Marketplace", {}, create},
};

}  // namespace

Tool market_tool() {
  return {.name = "onemarket",
          .pool = "marketplace",
          .id_name = "marketplaceid",
          .noun = "Marketplace",
          .common = common_owned | common_delete | common_enable,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
