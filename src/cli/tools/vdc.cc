// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr const char* all_of_a_zone = "-10";

std::string groups(const Row& row) { return count_text(row.node.child("GROUPS")); }

struct Resource {
  const char* list;
  const char* element;
};

constexpr std::array resources{Resource{"CLUSTERS", "CLUSTER"}, Resource{"HOSTS", "HOST"},
                               Resource{"DATASTORES", "DATASTORE"}, Resource{"VNETS", "VNET"}};

template <std::size_t place>
std::string count(const Row& row) {
  constexpr const Resource& resource = resources[place];
  const auto members = row.node.child(resource.list).children(resource.element);
  for (const XmlNode& member : members) {
    if (member.get(std::string(resource.element) + "_ID") == all_of_a_zone) return "ALL";
  }
  return std::to_string(members.size());
}

constexpr std::array columns{
    Column{"ID", "ONE identifier for the VDC", 4, adjust, &id_value},
    Column{"NAME", "Name of the VDC", 15, left | expand, &name_value},
    Column{"GROUPS", "Number of Groups", 8, right, &groups},
    Column{"CLUSTERS", "Number of Clusters", 10, right, &count<0>},
    Column{"HOSTS", "Number of Hosts", 10, right, &count<1>},
    Column{"VNETS", "Number of Networks", 10, right, &count<3>},
    Column{"DATASTORES", "Number of Datastores", 10, right, &count<2>},
};
constexpr ListLayout layout{columns, "ID,NAME,GROUPS,CLUSTERS,HOSTS,VNETS,DATASTORES"};

void print_members(Page& page, const XmlNode& vdc, const Resource& resource) {
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& member : vdc.child(resource.list).children(resource.element)) {
    const std::string id = member.get(std::string(resource.element) + "_ID");
    rows.push_back({member.get("ZONE_ID"), id == all_of_a_zone ? "ALL" : id});
  }
  if (rows.empty()) return;
  page.header(resource.list);
  page.table({{"ZONE", 7}, {resource.element, 9}}, rows);
  page.blank();
}

Status show(Run& run, const XmlNode& vdc) {
  Page page(run, {.label = 18});
  page.title(fmt::format("VDC {} INFORMATION", vdc.get("ID")));
  page.line("ID", vdc.get("ID"));
  page.line("NAME", vdc.get("NAME"));
  page.blank();
  std::vector<std::vector<std::string>> rows;
  for (const std::string& id : ids(vdc.child("GROUPS"))) rows.push_back({id});
  if (!rows.empty()) {
    page.table({{"GROUPS", 7}}, rows);
    page.blank();
  }
  for (const Resource& resource : resources) print_members(page, vdc, resource);
  page.attributes("VDC TEMPLATE", vdc.child("TEMPLATE"));
  return ok();
}

Result<int> create(Run& run) {
  return print_id(run,
                  run.call_for_id("allocate", {fmt::format("NAME = {}", quoted(run.text(0)))}));
}

constexpr std::array commands{
    Command{"create", "<name>", "Creates a new VDC", {}, create},
    Command{"addgroup",
            "<range|vdcid_list> <groupid>",
            "Adds a Group to the VDC",
            {"addgroup", "# $1", "group added"}},
    Command{"delgroup",
            "<range|vdcid_list> <groupid>",
            "Deletes a Group from the VDC",
            {"delgroup", "# $1", "group deleted"}},
    Command{"addcluster",
            "<range|vdcid_list> <zoneid> <clusterid>",
            "Adds a Cluster to the VDC; ALL for all of the zone",
            {"addcluster", "# $1 $2", "cluster added"}},
    Command{"delcluster",
            "<range|vdcid_list> <zoneid> <clusterid>",
            "Deletes a Cluster from the VDC",
            {"delcluster", "# $1 $2", "cluster deleted"}},
    Command{"addhost",
            "<range|vdcid_list> <zoneid> <hostid>",
            "Adds a Host to the VDC; ALL for all of the zone",
            {"addhost", "# $1 $2", "host added"}},
    Command{"delhost",
            "<range|vdcid_list> <zoneid> <hostid>",
            "Deletes a Host from the VDC",
            {"delhost", "# $1 $2", "host deleted"}},
    Command{"adddatastore",
            "<range|vdcid_list> <zoneid> <datastoreid>",
            "Adds a Datastore to the VDC; ALL for all of the zone",
            {"adddatastore", "# $1 $2", "datastore added"}},
    Command{"deldatastore",
            "<range|vdcid_list> <zoneid> <datastoreid>",
            "Deletes a Datastore from the VDC",
            {"deldatastore", "# $1 $2", "datastore deleted"}},
    Command{"addvnet",
            "<range|vdcid_list> <zoneid> <vnetid>",
            "Adds a Virtual Network to the VDC; ALL for all of the zone",
            {"addvnet", "# $1 $2", "vnet added"}},
    Command{"delvnet",
            "<range|vdcid_list> <zoneid> <vnetid>",
            "Deletes a Virtual Network from the VDC",
            {"delvnet", "# $1 $2", "vnet deleted"}},
};

}  // namespace

Tool vdc_tool() {
  return {.name = "onevdc",
          .pool = "vdc",
          .id_name = "vdcid",
          .noun = "VDC",
          .common = common_list | common_show | common_update | common_rename | common_delete,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
