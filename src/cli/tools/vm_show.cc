// SPDX-License-Identifier: Apache-2.0
#include "cli/tools/vm_show.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/page.h"
#include "cli/schedule.h"
#include "cli/shared_commands.h"
#include "cli/tools/vm_security.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

enum class Unit { none, kilobytes, bytes };

struct Metric {
  const char* name;
  Unit unit;
};

constexpr std::array metrics{
    Metric{"CPU", Unit::none},
    Metric{"MEMORY", Unit::kilobytes},
    Metric{"NETTX", Unit::bytes},
    Metric{"NETTX_BW", Unit::bytes},
    Metric{"NETRX", Unit::bytes},
    Metric{"NETRX_BW", Unit::bytes},
    Metric{"DISKRDBYTES", Unit::kilobytes},
    Metric{"DISKRDBYTES_BW", Unit::kilobytes},
    Metric{"DISKRDIOPS", Unit::none},
    Metric{"DISKRDIOPS_BW", Unit::none},
    Metric{"DISKWRBYTES", Unit::kilobytes},
    Metric{"DISKWRBYTES_BW", Unit::kilobytes},
    Metric{"DISKWRIOPS_BW", Unit::none},
    Metric{"DISKWRIOPS", Unit::none},
    Metric{"GPU_COUNT", Unit::none},
    Metric{"GPU_UTILIZATION", Unit::none},
    Metric{"GPU_MEMORY_UTILIZATION", Unit::none},
    Metric{"GPU_MEMORY_FREE", Unit::none},
    Metric{"GPU_POWER_USAGE", Unit::none},
};
constexpr std::array unlisted{"TIMESTAMP", "ID", "STATE", "DISK_SIZE", "SNAPSHOT", "VCENTER_VM"};

std::string measured(const XmlNode& monitoring, const std::string& name, Unit unit) {
  const std::string text = monitoring.get(name);
  const std::optional<double> value = parse_number<double>(text);
  if (text.empty()) return "-";
  if (!value || unit == Unit::none) return text;
  return size_text(unit == Unit::bytes ? *value / 1024 : *value, 'K');
}

void print_monitoring(Page& page, const XmlNode& monitoring) {
  const long long time = number(monitoring, "TIMESTAMP");
  page.header(fmt::format("VIRTUAL MACHINE MONITORING [{}]",
                          time == 0 ? "-" : format_time(time, "%a %b %e %H:%M:%S %Y")));
  Rows rows;
  const auto add = [&](const std::string& name, Unit unit) {
    rows.push_back({name, measured(monitoring, name, unit),
                    measured(monitoring, name + "_FORECAST", unit),
                    measured(monitoring, name + "_FORECAST_FAR", unit)});
  };
  for (const Metric& metric : metrics) add(metric.name, metric.unit);
  for (const XmlNode& other : monitoring.children()) {
    const std::string name(other.name());
    const bool known =
        std::ranges::any_of(metrics, [&](const Metric& metric) { return metric.name == name; });
    if (known || name.find("_FORECAST") != name.npos ||
        std::ranges::find(unlisted, name) != unlisted.end())
      continue;
    add(name, Unit::none);
  }
  page.table({{"METRIC", 20, true},
              {"VALUE", 15, true},
              {"FORECAST", 15, true},
              {"FORECAST_FAR", 15, true}},
             rows);
  page.blank();
  page.blank();
}

Status print_information(Run& run, Page& page, const XmlNode& vm) {
  page.title(fmt::format("VIRTUAL MACHINE {} INFORMATION", vm.get("ID")));
  page.line("ID", vm.get("ID"));
  page.line("NAME", vm.get("NAME"));
  page.line("USER", vm.get("UNAME"));
  page.line("GROUP", vm.get("GNAME"));
  page.line("STATE", vm_state_name(number(vm, "STATE")));
  page.line("LCM_STATE", lcm_state_name(number(vm, "LCM_STATE")));
  page.line("LOCK", lock_text(vm));
  page.line("RESCHED", yes_no(vm.get("RESCHED") == "1"));
  const std::vector<XmlNode> history = vm.child("HISTORY_RECORDS").children("HISTORY");
  const std::string state = vm_state_name(number(vm, "STATE"));
  if (!history.empty() &&
      (state == "ACTIVE" || state == "SUSPENDED" || state == "POWEROFF" || state == "DONE")) {
    page.line("HOST", history.back().get("HOSTNAME"));
    const int cluster = leading_int(history.back().get("CID"));
    page.line("CLUSTER ID", std::to_string(cluster));
    // Ordinary users may not look at clusters.
    const auto document = run.call_for_document("cluster.info", {cluster, false});
    page.line("CLUSTER", document ? document->root().get("NAME") : "-");
  }
  page.line("START TIME", time_text(number(vm, "STIME")));
  page.line("END TIME", time_text(number(vm, "ETIME")));
  const std::string deploy_id = vm.get("DEPLOY_ID");
  page.line("DEPLOY ID", deploy_id.empty() ? "-" : deploy_id);
  const std::string router = get(vm, "TEMPLATE/VROUTER_ID");
  if (!router.empty()) page.line("VIRTUAL ROUTER ID", router);
  return ok();
}

// "measured/size" of a disk or snapshot.
std::string size_pair(const XmlNode& vm, const std::string& disk_id, const std::string& size) {
  std::string measured_size = "-";
  for (const XmlNode& one : vm.child("MONITORING").children("DISK_SIZE")) {
    if (one.get("ID") == disk_id) measured_size = size_text(decimal(one, "SIZE"), 'M');
  }
  const std::optional<double> whole = parse_number<double>(size);
  return measured_size + "/" + (whole ? size_text(*whole, 'M') : "-");
}

std::string image_name(const XmlNode& disk) {
  const std::string image = disk.get("IMAGE");
  if (!image.empty()) return image;
  const std::string size = size_text(decimal(disk, "SIZE"), 'M');
  const std::string format = disk.get("FORMAT");
  return disk.get("TYPE") == "swap" || format.empty() ? size : fmt::format("{} - {}", format, size);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void print_disks(Page& page, const XmlNode& vm) {
  const XmlNode attributes = vm.child("TEMPLATE");
  Rows rows;
  for (const XmlNode& disk : attributes.children("DISK")) {
    rows.push_back({disk.get("DISK_ID"), disk.get("DATASTORE"), disk.get("TARGET"),
                    image_name(disk), size_pair(vm, disk.get("DISK_ID"), disk.get("SIZE")),
                    lower(disk.get("TYPE")), upper(disk.get("SAVE")) == "YES" ? "YES" : "NO"});
  }
  const XmlNode context = attributes.child("CONTEXT");
  if (!context.get("DISK_ID").empty()) {
    rows.push_back(
        {context.get("DISK_ID"), "-", context.get("TARGET"), "CONTEXT", "-/-", "-", "-"});
  }
  if (rows.empty()) return;
  page.blank();
  page.header("VM DISKS");
  page.table({{"ID", 3},
              {"DATASTORE", 10, true},
              {"TARGET", 6, true},
              {"IMAGE", 35, true},
              {"SIZE", 9, true},
              {"TYPE", 4, true},
              {"SAVE", 4}},
             rows);
}

void disk_snapshot_table(Page& page, const XmlNode& vm, const std::vector<XmlNode>& lists) {
  Rows rows;
  for (const XmlNode& list : lists) {
    for (const XmlNode& one : list.children("SNAPSHOT")) {
      rows.push_back({one.get("ACTIVE") == "YES" ? "=>" : "", one.get("ID"), list.get("DISK_ID"),
                      one.get("PARENT"), time_text(number(one, "DATE")),
                      size_pair(vm, "", one.get("SIZE")), one.get("NAME")});
    }
  }
  page.header("VM DISK SNAPSHOTS");
  page.table({{"AC", 2},
              {"ID", 3},
              {"DISK", 4},
              {"PARENT", 6},
              {"DATE", 15},
              {"SIZE", 12, true},
              {"NAME", 32, true}},
             rows);
}

void snapshot_table(Page& page, const XmlNode& vm) {
  Rows rows;
  for (const XmlNode& one : vm.child("TEMPLATE").children("SNAPSHOT")) {
    rows.push_back({one.get("SNAPSHOT_ID"), short_time_text(number(one, "TIME")), one.get("NAME"),
                    one.get("HYPERVISOR_ID")});
  }
  page.header("SNAPSHOTS");
  page.table({{"ID", 4}, {"TIME", 12}, {"NAME", 46, true}, {"HYPERVISOR_ID", 15, true}}, rows);
}

void print_history(Run& run, Page& page, const XmlNode& vm) {
  const std::vector<XmlNode> history = vm.child("HISTORY_RECORDS").children("HISTORY");
  if (history.empty()) return;
  const long long now = run.shell.now();
  Rows rows;
  for (const XmlNode& one : history) {
    const long long start = number(one, "STIME"), end = number(one, "ETIME");
    const long long prolog = number(one, "PSTIME"), prolog_end = number(one, "PETIME");
    const std::string uid = one.get("UID");
    const std::string request = one.get("REQUEST_ID");
    const long long length = start == 0 ? 0 : (end == 0 ? now : end) - start;
    const long long prolog_length = prolog == 0 ? 0 : (prolog_end == 0 ? now : prolog_end) - prolog;
    rows.push_back({one.get("SEQ"), uid == "-1" ? "-" : uid, request == "-1" ? "-" : request,
                    one.get("HOSTNAME"), history_action(number(one, "ACTION")), one.get("DS_ID"),
                    time_text(start), duration_text(length, "m"),
                    short_duration_text(prolog_length)});
  }
  page.blank();
  page.header("VIRTUAL MACHINE HISTORY");
  page.table({{"SEQ", 3},
              {"UID", 4, true},
              {"REQ", 5, true},
              {"HOST", 12, true},
              {"ACTION", 10, true},
              {"DS", 4},
              {"START", 15},
              {"TIME", 11},
              {"PROLOG", 10}},
             rows);
}

void print_numa(Page& page, const XmlNode& vm) {
  const std::vector<XmlNode> nodes = vm.child("TEMPLATE").children("NUMA_NODE");
  if (nodes.empty()) return;
  Rows rows;
  for (const XmlNode& node : nodes) {
    const std::string id =
        node.get("MEMORY_NODE_ID").empty() ? node.get("NODE_ID") : node.get("MEMORY_NODE_ID");
    rows.push_back({id.empty() ? "-" : id, node.get("CPUS").empty() ? "-" : node.get("CPUS"),
                    size_text(decimal(node, "MEMORY"), 'K'), node.get("TOTAL_CPUS")});
  }
  page.blank();
  page.short_header("NUMA NODES");
  page.table({{"ID", 4}, {"CPUS_IDS", 5, true, true}, {"MEMORY", 10}, {"TOTAL_CPUS", 10}}, rows);
  const XmlNode topology = vm.child("TEMPLATE").child("TOPOLOGY");
  if (!topology) return;
  page.blank();
  page.short_header("TOPOLOGY");
  page.table({{"CORES", 6}, {"SOCKETS", 8}, {"THREADS", 8}},
             {{topology.get("CORES"), topology.get("SOCKETS"), topology.get("THREADS")}});
}

void print_backups(Run& run, Page& page, const XmlNode& vm) {
  const XmlNode backups = vm.child("BACKUPS");
  if (backups.child("BACKUP_CONFIG").has_children()) {
    page.blank();
    page.attributes("BACKUP CONFIGURATION", backups.child("BACKUP_CONFIG"));
  }
  if (const std::string images = id_list(backups.child("BACKUP_IDS")); !images.empty()) {
    page.blank();
    page.header("VM BACKUPS");
    run.line("IMAGE IDS: " + images);
  }
}

std::vector<std::string_view> shown_elsewhere(const Run& run) {
  if (run.options.has("all")) return {};
  return {"DISK",         "NIC",       "NIC_ALIAS", "SNAPSHOT", "SECURITY_GROUP_RULE",
          "SCHED_ACTION", "NUMA_NODE", "TOPOLOGY"};
}

}  // namespace

Status show_vm(Run& run, const XmlNode& vm) {
  Page page(run, {.label = 20, .padded = false});
  NUBO_CHECK(print_information(run, page, vm));
  page.blank();
  print_monitoring(page, vm.child("MONITORING"));
  page.permissions(vm);
  print_disks(page, vm);
  if (const std::vector<XmlNode> lists = vm.children("SNAPSHOTS"); !lists.empty()) {
    page.blank();
    disk_snapshot_table(page, vm, lists);
  }
  print_nics(run, page, vm);
  print_security(page, vm);
  if (!vm.child("TEMPLATE").children("SNAPSHOT").empty()) {
    page.blank();
    snapshot_table(page, vm);
  }
  print_history(run, page, vm);
  print_schedule(run, page, vm);
  print_backups(run, page, vm);
  if (vm.child("USER_TEMPLATE").has_children()) {
    page.blank();
    page.attributes("USER TEMPLATE", vm.child("USER_TEMPLATE"));
  }
  print_numa(page, vm);
  page.blank();
  page.attributes("VIRTUAL MACHINE TEMPLATE", vm.child("TEMPLATE"), shown_elsewhere(run));
  return ok();
}

Result<int> snapshot_list(Run& run) {
  const Result<XmlDocument> document = run.call_for_document("info", {run.id(0), false});
  if (!document || document->root().child("TEMPLATE").children("SNAPSHOT").empty()) {
    run.line("No snapshots available");
    return 0;
  }
  Page page(run);
  snapshot_table(page, document->root());
  return 0;
}

Result<int> disk_snapshot_list(Run& run) {
  const Result<XmlDocument> document = run.call_for_document("info", {run.id(0), false});
  std::vector<XmlNode> lists;
  if (document) {
    for (const XmlNode& list : document->root().children("SNAPSHOTS")) {
      if (list.get("DISK_ID") == run.text(1)) lists.push_back(list);
    }
  }
  if (lists.empty()) {
    run.line("No snapshots available in this disk");
    return 0;
  }
  Page page(run);
  disk_snapshot_table(page, document->root(), lists);
  return 0;
}

}  // namespace nubo::cli
