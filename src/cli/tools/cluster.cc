// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

std::string hosts(const Row& row) { return count_text(row.node.child("HOSTS")); }

std::string vnets(const Row& row) { return count_text(row.node.child("VNETS")); }

std::string datastores(const Row& row) { return count_text(row.node.child("DATASTORES")); }

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Cluster", 4, adjust, &id_value},
    Column{"NAME", "Name of the Cluster", 15, left | expand, &name_value},
    Column{"HOSTS", "Number of Hosts", 10, right, &hosts},
    Column{"VNETS", "Number of Networks", 10, right, &vnets},
    Column{"DATASTORES", "Number of Datastores", 10, right, &datastores},
};
constexpr ListLayout layout{columns, "ID,NAME,HOSTS,VNETS,DATASTORES"};

Status print_resources(Run& run, Page& page, const XmlNode& cluster) {
  page.header("CLUSTER RESOURCES");
  // The hosts are read anew so that what is shown is what they hold now.
  NUBO_TRY(const XmlDocument again,
           run.call_for_document("info", {leading_int(cluster.get("ID")), false}));
  const std::vector<std::string> hosts = ids(again.root().child("HOSTS"));
  if (hosts.empty()) return ok();
  long long cpu = 0, used_cpu = 0, memory = 0, used_memory = 0;
  for (const std::string& id : hosts) {
    NUBO_TRY(const XmlDocument host, run.call_for_document("host.info", {leading_int(id), false}));
    const XmlNode share = host.root().child("HOST_SHARE");
    cpu += number(share, "TOTAL_CPU") / 100;
    used_cpu += number(share, "CPU_USAGE") / 100;
    memory += number(share, "TOTAL_MEM") / 1024 / 1024;
    used_memory += number(share, "MEM_USAGE") / 1024 / 1024;
  }
  run.line(fmt::format("TOTAL CPUs: {}\nOCCUPIED CPUs: {}\nAVAILABLE CPUs: {}\n", cpu, used_cpu,
                       cpu - used_cpu));
  run.line(fmt::format("TOTAL RAM: {}\nOCCUPIED RAM: {}\nAVAILABLE RAM: {}", memory, used_memory,
                       memory - used_memory));
  return ok();
}

void print_plan(Page& page, const XmlNode& plan) {
  static constexpr std::array states{"DONE", "READY", "APPLYING", "ERROR", "TIMEOUT"};
  const auto name = [&](const XmlNode& node) -> std::string {
    const auto state = static_cast<std::size_t>(number(node, "STATE") + 1);
    return state < states.size() ? states[state] : "";
  };
  page.blank();
  page.header(fmt::format("PLAN: {}", name(plan)));
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& action : plan.children("ACTION")) {
    rows.push_back({action.get("VM_ID"), action.get("OPERATION"), action.get("HOST_ID"),
                    action.get("DS_ID"), name(action), time_text(number(action, "TIMESTAMP"))});
  }
  page.table(
      {{"VM", 6}, {"ACTION", 10, true}, {"HOST", 6}, {"DS", 6}, {"STATE", 8}, {"START_TIME", 16}},
      rows);
}

Status show(Run& run, const XmlNode& cluster) {
  Page page(run, {.label = 18});
  page.title(fmt::format("CLUSTER {} INFORMATION", cluster.get("ID")));
  page.line("ID", cluster.get("ID"));
  page.line("NAME", cluster.get("NAME"));
  page.blank();
  NUBO_CHECK(print_resources(run, page, cluster));
  page.blank();
  page.attributes("CLUSTER TEMPLATE", cluster.child("TEMPLATE"));
  for (const char* what : {"HOSTS", "VNETS", "DATASTORES"}) {
    page.blank();
    page.id_list(what, cluster.child(what));
  }
  if (cluster.child("PLAN")) print_plan(page, cluster.child("PLAN"));
  return ok();
}

Result<int> create(Run& run) { return print_id(run, run.call_for_id("allocate", {run.text(0)})); }

constexpr std::array commands{
    Command{"create", "<name>", "Creates a new Cluster", {}, create},
    Command{"addhost",
            "<clusterid> <hostid>",
            "Adds a Host to the given Cluster",
            {"addhost", "# $1", "updated"}},
    Command{"delhost",
            "<clusterid> <hostid>",
            "Deletes a Host from the given Cluster",
            {"delhost", "# $1", "updated"}},
    Command{"adddatastore",
            "<clusterid> <datastoreid>",
            "Adds a Datastore to the given Cluster",
            {"adddatastore", "# $1", "updated"}},
    Command{"deldatastore",
            "<clusterid> <datastoreid>",
            "Deletes a Datastore from the given Cluster",
            {"deldatastore", "# $1", "updated"}},
    Command{"addvnet",
            "<clusterid> <vnetid>",
            "Adds a Virtual Network to the given Cluster",
            {"addvnet", "# $1", "updated"}},
    Command{"delvnet",
            "<clusterid> <vnetid>",
            "Deletes a Virtual Network from the given Cluster",
            {"delvnet", "# $1", "updated"}},
    Command{"optimize",
            "<clusterid>",
            "Makes a plan that improves the load of the Cluster",
            {"optimize", "#", "optimize"}},
    Command{"planexecute",
            "<clusterid>",
            "Carries out the plan of the Cluster",
            {"planexecute", "#", "executed"}},
    Command{"plandelete",
            "<clusterid>",
            "Deletes the plan of the Cluster",
            {"plandelete", "#", "deleted"}},
};

}  // namespace

Tool cluster_tool() {
  return {.name = "onecluster",
          .pool = "cluster",
          .id_name = "clusterid",
          .noun = "Cluster",
          .common = common_list | common_show | common_update | common_rename | common_delete,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
