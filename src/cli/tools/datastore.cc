// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

struct Type {
  const char* name;
  const char* brief;
};

constexpr std::array types{Type{"IMAGE", "img"}, Type{"SYSTEM", "sys"}, Type{"FILE", "fil"},
                           Type{"BACKUP", "bck"}};
constexpr std::array disk_types{
    "FILE",          "CD_ROM",   "BLOCK",          "RBD",   "RBD_CDROM", "GLUSTER",
    "GLUSTER_CDROM", "SHEEPDOG", "SHEEPDOG_CDROM", "ISCSI", "NFS"};

Type type_of(const XmlNode& datastore) {
  const auto type = static_cast<std::size_t>(number(datastore, "TYPE"));
  return type < types.size() ? types[type] : Type{"", ""};
}

bool is_shared(const XmlNode& datastore) { return get(datastore, "TEMPLATE/SHARED") != "NO"; }

std::string size(const Row& row) {
  return is_shared(row.node) ? size_text(decimal(row.node, "TOTAL_MB"), 'M') : "-";
}

std::string images(const Row& row) { return count_text(row.node.child("IMAGES")); }

std::string type(const Row& row) { return type_of(row.node).brief; }

std::string ds(const Row& row) { return row.node.get("DS_MAD"); }

std::string tm(const Row& row) { return row.node.get("TM_MAD"); }

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Datastore", 4, adjust, &id_value},
    Column{"USER", "Username of the Datastore owner", 8, left, &user_value},
    Column{"GROUP", "Group of the Datastore", 8, left, &group_value},
    Column{"NAME", "Name of the Datastore", 10, left | expand, &name_value},
    Column{"SIZE", "Datastore total size", 6, right, &size},
    Column{"AVAIL", "Datastore free size", 3, left, &avail_value},
    Column{"CLUSTERS", "Cluster IDs", 8, left, &clusters_value},
    Column{"IMAGES", "Number of Images", 6, right, &images},
    Column{"TYPE", "Datastore type", 4, left, &type},
    Column{"DS", "Datastore driver", 7, left, &ds},
    Column{"TM", "Transfer driver", 7, left, &tm},
    Column{"STAT", "State of the Datastore", 4, left, &on_off_value},
};
constexpr ListLayout layout{columns, "ID,NAME,SIZE,AVAIL,CLUSTERS,IMAGES,TYPE,DS,TM,STAT"};

void print_capacity(Page& page, const XmlNode& datastore) {
  const bool hidden =
      type_of(datastore).name == std::string_view("SYSTEM") && !is_shared(datastore);
  const auto size = [&](const char* name) {
    return hidden ? std::string("-") : size_text(decimal(datastore, name), 'M');
  };
  const std::string limit = get(datastore, "TEMPLATE/LIMIT_MB");
  page.header("DATASTORE CAPACITY");
  page.line("TOTAL:", size("TOTAL_MB"));
  page.line("FREE:", size("FREE_MB"));
  page.line("USED: ", size("USED_MB"));
  page.line("LIMIT:", limit.empty() || hidden
                          ? "-"
                          : size_text(decimal(datastore, "TEMPLATE/LIMIT_MB"), 'M'));
}

Status show(Run& run, const XmlNode& datastore) {
  Page page(run);
  page.title(fmt::format("DATASTORE {} INFORMATION", datastore.get("ID")));
  identity_lines(page, datastore, false);
  const std::string clusters = id_list(datastore.child("CLUSTERS"));
  page.line("CLUSTERS", clusters.empty() ? "-" : clusters);
  page.line("TYPE", type_of(datastore).name);
  page.line("DS_MAD", datastore.get("DS_MAD"));
  page.line("TM_MAD", datastore.get("TM_MAD"));
  page.line("BASE PATH", datastore.get("BASE_PATH"));
  const auto disk_type = static_cast<std::size_t>(number(datastore, "DISK_TYPE"));
  page.line("DISK_TYPE", disk_type < disk_types.size() ? disk_types[disk_type] : "");
  page.line("STATE", datastore.get("STATE") == "0" ? "READY" : "DISABLED");
  page.blank();
  print_capacity(page, datastore);
  page.blank();
  page.permissions(datastore);
  page.blank();
  page.attributes("DATASTORE TEMPLATE", datastore.child("TEMPLATE"));
  page.blank();
  page.id_list("IMAGES", datastore.child("IMAGES"));
  return ok();
}

Result<int> create(Run& run) {
  const std::optional<std::string> text = created_text(run, 0);
  if (!text)
    return fail(Code::api, "Give the template of the datastore: a file, or standard input");
  return print_id(run, run.call_for_id("allocate", {*text, run.options.number("cluster", -1)}));
}

constexpr std::array create_options{
    Option{"cluster", 'c', Takes::object, "id|name", "Selects the cluster", "cluster"},
};

constexpr std::array commands{
    Command{"create", "[file]", "Creates a new Datastore", {}, create, {create_options}},
};

}  // namespace

Tool datastore_tool() {
  return {.name = "onedatastore",
          .pool = "datastore",
          .id_name = "datastoreid",
          .noun = "Datastore",
          .common = common_owned | common_delete | common_enable,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
