// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/tools/host_show.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array brief_states{"init",  "update", "on",   "err", "dsbl",
                                  "retry", "init",   "dsbl", "off"};

std::string share_text(const XmlNode& node, std::string_view name) {
  return get(node, "HOST_SHARE/" + std::string(name));
}

double share(const Row& row, const char* name) {
  return decimal(row.node.child("HOST_SHARE"), name);
}

std::string memory_text(const Row& row, double kilobytes) {
  return row.listing.raw() ? fmt::format("{}", static_cast<long long>(kilobytes))
                           : size_text(kilobytes, 'K');
}

double monitored(const Row& row, const char* path) {
  return decimal(row.node.child("MONITORING"), path);
}

std::string cpu_used_of(double used, double max) {
  if (max == 0 && used == 0) return "-";
  if (max == 0) return fmt::format("{} / -", static_cast<long long>(used));
  return fmt::format("{} / {} ({}%)", static_cast<long long>(used), static_cast<long long>(max),
                     static_cast<long long>(used * 100 / max));
}

std::string memory_used_of(const Row& row, double used, double max) {
  if (max == 0 && used == 0) return "-";
  if (max == 0) return memory_text(row, used) + " / -";
  return fmt::format("{} / {} ({}%)", memory_text(row, used), memory_text(row, max),
                     static_cast<long long>(used * 100 / max));
}

std::string cluster(const Row& row) {
  const std::string name = row.node.get("CLUSTER");
  return name.empty() ? "-" : name;
}

std::string tvm(const Row& row) { return share_text(row.node, "RUNNING_VMS"); }

std::string zvm(const Row& row) {
  const std::string zombies = get(row.node, "TEMPLATE/TOTAL_ZOMBIES");
  return zombies.empty() ? "0" : zombies;
}

std::string whole(double value) { return std::to_string(static_cast<long long>(value)); }

std::string tcpu(const Row& row) { return whole(share(row, "MAX_CPU")); }

std::string fcpu(const Row& row) {
  return whole(share(row, "MAX_CPU") - monitored(row, "CAPACITY/USED_CPU"));
}

std::string acpu(const Row& row) {
  const double max = share(row, "MAX_CPU");
  return whole((max == 0 ? 100 : max) - share(row, "CPU_USAGE"));
}

std::string tmem(const Row& row) { return memory_text(row, share(row, "MAX_MEM")); }

std::string fmem(const Row& row) {
  return memory_text(row, monitored(row, "CAPACITY/FREE_MEMORY"));
}

std::string amem(const Row& row) {
  return memory_text(row, share(row, "MAX_MEM") - share(row, "MEM_USAGE"));
}

std::string real_cpu(const Row& row) {
  const double max = share(row, "MAX_CPU");
  return max == 0 ? "-" : cpu_used_of(monitored(row, "CAPACITY/USED_CPU"), max);
}

std::string allocated_cpu(const Row& row) {
  return cpu_used_of(share(row, "CPU_USAGE"), share(row, "MAX_CPU"));
}

std::string real_mem(const Row& row) {
  const double max = share(row, "MAX_MEM");
  return max == 0 ? "-" : memory_used_of(row, monitored(row, "CAPACITY/USED_MEMORY"), max);
}

std::string allocated_mem(const Row& row) {
  return memory_used_of(row, share(row, "MEM_USAGE"), share(row, "MAX_MEM"));
}

std::string stat(const Row& row) {
  const auto state = static_cast<std::size_t>(number(row.node, "STATE"));
  return state < brief_states.size() ? brief_states[state] : "";
}

constexpr std::array columns{
    Column{"ID", "ONE identifier for Host", 4, adjust, &id_value},
    Column{"NAME", "Name of the Host", 15, left | expand, &name_value},
    Column{"CLUSTER", "Name of the Cluster", 10, left, &cluster},
    Column{"TVM", "Total Virtual Machines allocated to the Host", 3, right, &tvm},
    Column{"ZVM", "Number of Virtual Machine zombies", 3, right, &zvm},
    Column{"TCPU", "Total CPU percentage", 4, right, &tcpu},
    Column{"FCPU", "Free CPU percentage", 4, right, &fcpu},
    Column{"ACPU", "Available cpu percentage (not reserved by VMs)", 4, right, &acpu},
    Column{"TMEM", "Total Memory", 7, right, &tmem},
    Column{"FMEM", "Free Memory", 7, right, &fmem},
    Column{"AMEM", "Available Memory (not reserved by VMs)", 7, right, &amem},
    Column{"REAL_CPU", "Real CPU", 18, right, &real_cpu},
    Column{"ALLOCATED_CPU", "Allocated CPU)", 18, right, &allocated_cpu},
    Column{"REAL_MEM", "Real MEM", 18, right, &real_mem},
    Column{"ALLOCATED_MEM", "Allocated MEM", 18, right, &allocated_mem},
    Column{"STAT", "Host status", 4, left, &stat},
};
constexpr ListLayout layout{columns, "ID,NAME,CLUSTER,TVM,ALLOCATED_CPU,ALLOCATED_MEM,STAT"};

Result<int> create(Run& run) {
  if (!run.options.has("im") || !run.options.has("vm")) {
    return fail(Code::api,
                "Drivers are mandatory to create a host:\n\t -i information driver\n\t -v "
                "hypervisor driver");
  }
  return print_id(
      run, run.call_for_id("allocate", {run.text(0), run.options.get("im"), run.options.get("vm"),
                                        run.options.number("cluster", -1)}));
}

Result<int> flush(Run& run) {
  return run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("status", {id, 1}));
    NUBO_TRY(const XmlNode machines, run.pool(*find_pool("vm")));
    for (const XmlNode& vm : machines.children("VM")) {
      const std::vector<XmlNode> history = vm.child("HISTORY_RECORDS").children("HISTORY");
      if (history.empty() || history.back().get("HID") != std::to_string(id)) continue;
      NUBO_CHECK(run.call("vm.action", {std::string("resched"), leading_int(vm.get("ID"))}));
    }
    return ok();
  });
}

// Offline and on again makes the daemon start the monitoring of a host from scratch.
Result<int> force_update(Run& run) {
  NUBO_TRY(const XmlNode hosts, run.pool(*find_pool("host")));
  const std::vector<int> wanted = run.targets();
  int updated = 0;
  for (const XmlNode& host : hosts.children("HOST")) {
    const int id = leading_int(host.get("ID"));
    const bool listed = wanted.empty() ? true : std::ranges::find(wanted, id) != wanted.end();
    const std::string cluster = run.options.get("cluster");
    if (!listed || (!cluster.empty() && host.get("CLUSTER_ID") != cluster) ||
        host.get("STATE") == "8")
      continue;
    NUBO_CHECK(run.call("status", {id, 2}));
    NUBO_CHECK(run.call("status", {id, 0}));
    ++updated;
  }
  run.line(updated ? "All hosts updated successfully." : "No hosts are going to be updated.");
  return 0;
}

constexpr std::array create_options{
    Option{"im", 'i', Takes::text, "im_mad", "Set the information driver for the host"},
    Option{"vm", 'v', Takes::text, "vmm_mad", "Set the virtualization driver for the host"},
    Option{"cluster", 'c', Takes::object, "id|name", "Selects the cluster", "cluster"},
};
constexpr std::array cluster_options{
    Option{"cluster", 'c', Takes::object, "id|name", "Selects the cluster", "cluster"},
};
constexpr std::array size_options{
    Option{"extended", 0, Takes::nothing, "", "Show info extended (it only works with xml output)"},
    Option{"kilobytes", 'k', Takes::nothing, "", "Show units in kilobytes"},
};
constexpr std::array monitoring_options{
    Option{"start", 0, Takes::text, "date", "First date of the data"},
    Option{"end", 0, Takes::text, "date", "Last date of the data"},
    Option{"unit", 0, Takes::text, "unit", "Unit of memory values: K, M, G, T"},
    Option{"table", 0, Takes::nothing, "", "Show the data as a table"},
    Option{"n", 0, Takes::integer, "elements", "How many of the last values"},
    Option{"csv", 0, Takes::text, "separator", "Show the data as CSV"},
};

constexpr std::array commands{
    Command{"create", "<hostname> [file]", "Creates a new Host", {}, create, {create_options}},
    Command{
        "enable", "<range|hostid_list>", "Enables the given Host", {"status", "# 0", "enabled"}},
    Command{
        "disable", "<range|hostid_list>", "Disables the given Host", {"status", "# 1", "disabled"}},
    Command{
        "offline", "<range|hostid_list>", "Sets the Host offline", {"status", "# 2", "offline"}},
    Command{"flush", "<range|hostid_list>", "Disables the Host and moves its VMs away", {}, flush},
    Command{"forceupdate",
            "[range|hostid_list]",
            "Monitors the Host anew",
            {},
            force_update,
            {cluster_options}},
    Command{"monitoring",
            "<hostid> <attr>",
            "Shows what was monitored of a Host",
            {},
            host_monitoring,
            {monitoring_options}},
};

}  // namespace

Tool host_tool() {
  return {.name = "onehost",
          .pool = "host",
          .id_name = "hostid",
          .noun = "Host",
          .common = common_list | common_show | common_update | common_rename | common_delete |
                    common_top,
          .commands = commands,
          .list = &layout,
          .show = show_host,
          .list_options = size_options};
}

}  // namespace nubo::cli
