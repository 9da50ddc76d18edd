// SPDX-License-Identifier: Apache-2.0
#include "cli/tools/host_show.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/base64.h"
#include "cli/listing.h"
#include "cli/page.h"
#include "cli/values.h"
#include "text/template.h"

namespace nubo::cli {
namespace {

constexpr std::array states{
    "INIT",     "MONITORING_MONITORED", "MONITORED",       "ERROR",
    "DISABLED", "MONITORING_ERROR",     "MONITORING_INIT", "MONITORING_DISABLED",
    "OFFLINE"};

std::string kilobytes(const XmlNode& node, std::string_view path) {
  return size_text(decimal(node, path), 'K');
}

void print_shares(Page& page, const XmlNode& host) {
  const XmlNode share = host.child("HOST_SHARE");
  const XmlNode capacity = at(host, "MONITORING/CAPACITY");
  page.header("HOST SHARES");
  page.line("RUNNING VMS", share.get("RUNNING_VMS"));
  page.header("MEMORY");
  page.line("  TOTAL", kilobytes(share, "TOTAL_MEM"));
  page.line("  TOTAL +/- RESERVED", kilobytes(share, "MAX_MEM"));
  page.line("  USED (REAL)", kilobytes(capacity, "USED_MEMORY"));
  page.line("  USED (ALLOCATED)", kilobytes(share, "MEM_USAGE"));
  page.header("CPU");
  page.line("  TOTAL", share.get("TOTAL_CPU"));
  page.line("  TOTAL +/- RESERVED", share.get("MAX_CPU"));
  page.line("  USED (REAL)", capacity.get("USED_CPU"));
  page.line("  USED (ALLOCATED)", share.get("CPU_USAGE"));
}

void print_datastores(Page& page, const XmlNode& host) {
  for (const XmlNode& datastore : at(host, "HOST_SHARE/DATASTORES").children("DS")) {
    page.blank();
    page.header(fmt::format("LOCAL SYSTEM DATASTORE #{} CAPACITY", datastore.get("ID")));
    page.line("TOTAL:", size_text(decimal(datastore, "TOTAL_MB"), 'M'));
    page.line("USED: ", size_text(decimal(datastore, "USED_MB"), 'M'));
    page.line("FREE:", size_text(decimal(datastore, "FREE_MB"), 'M'));
  }
}

void print_pci(Page& page, const XmlNode& devices) {
  if (!devices.has_children()) return;
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& device : devices.children("PCI")) {
    const std::string vm = device.get("VMID");
    rows.push_back({vm == "-1" ? "" : vm, device.get("SHORT_ADDRESS"), device.get("TYPE"),
                    device.get("DEVICE_NAME")});
  }
  page.blank();
  page.short_header("PCI DEVICES");
  page.table({{"VM", 5}, {"ADDR", 7, true}, {"TYPE", 14, true}, {"NAME", 50, true}}, rows);
}

// One letter per thread: - free, x used, X used on a core without a free thread, I isolated.
std::string core_text(const XmlNode& core, const std::vector<std::string>& isolated, int& used,
                      int& free) {
  std::string text;
  const bool full = core.get("FREE") == "0";
  for (const std::string& thread : split(core.get("CPUS"), ',')) {
    const std::size_t colon = thread.find(':');
    const bool is_free = thread.substr(colon + 1) == "-1";
    const bool is_isolated = std::ranges::find(isolated, thread.substr(0, colon)) != isolated.end();
    text += is_isolated ? 'I' : is_free ? '-' : full ? 'X' : 'x';
    is_free ? ++free : ++used;
  }
  return text;
}

void print_numa(Page& page, const XmlNode& host) {
  const std::vector<XmlNode> nodes = at(host, "HOST_SHARE/NUMA_NODES").children("NODE");
  if (nodes.empty()) return;
  const std::vector<std::string> isolated = split(get(host, "TEMPLATE/ISOLCPUS"), ',');
  std::vector<std::vector<std::string>> cores, memory, pages;
  const std::vector<XmlNode> monitored = host.child("MONITORING").children("NUMA_NODE");
  for (const XmlNode& node : nodes) {
    const std::string id = node.get("NODE_ID");
    int used = 0, free = 0;
    std::vector<std::string> groups;
    for (const XmlNode& core : node.children("CORE"))
      groups.push_back(core_text(core, isolated, used, free));
    cores.push_back({id, join(groups, " ") + " ", std::to_string(used), std::to_string(free)});
    const auto measured = std::ranges::find_if(
        monitored, [&](const XmlNode& one) { return one.get("NODE_ID") == id; });
    const XmlNode real = measured == monitored.end() ? XmlNode() : *measured;
    memory.push_back({id, kilobytes(node, "MEMORY/TOTAL"), kilobytes(real, "MEMORY/USED"),
                      kilobytes(node, "MEMORY/USAGE"), kilobytes(real, "MEMORY/FREE")});
    for (const XmlNode& size : node.children("HUGEPAGE")) {
      std::string free_pages;
      for (const XmlNode& one : real.children("HUGEPAGE")) {
        if (one.get("SIZE") == size.get("SIZE")) free_pages = one.get("FREE");
      }
      pages.push_back(
          {id, kilobytes(size, "SIZE"), size.get("PAGES"), free_pages, size.get("USAGE")});
    }
  }
  page.blank();
  page.short_header("NUMA NODES");
  page.table({{"ID", 4}, {"CORES", 5, true, true}, {"USED", 4, true}, {"FREE", 4, true}}, cores);
  page.blank();
  page.short_header("NUMA MEMORY");
  page.table({{"NODE_ID", 8},
              {"TOTAL", 8, true},
              {"USED_REAL", 20, true},
              {"USED_ALLOCATED", 20, true},
              {"FREE", 8, true}},
             memory);
  page.blank();
  page.short_header("NUMA HUGEPAGES");
  page.table(
      {{"NODE_ID", 8}, {"SIZE", 8, true}, {"TOTAL", 8, true}, {"FREE", 8, true}, {"USED", 8, true}},
      pages);
}

void print_wilds(Run& run, Page& page, const XmlNode& host) {
  page.blank();
  page.short_header("WILD VIRTUAL MACHINES");
  page.table_header(
      fmt::format("{:<30.30} {:>36} {:>4} {:>10}", "NAME", "DEPLOY_ID", "CPU", "MEMORY"));
  for (const XmlNode& vm : host.child("TEMPLATE").children("VM")) {
    if (!vm.child("DEPLOY_ID")) continue;
    std::array<std::string, 3> values{vm.get("DEPLOY_ID"), "-", "-"};
    if (const Result<Template> wanted = parse_template(base64_decode(vm.get("IMPORT_TEMPLATE")));
        wanted && !wanted->empty()) {
      values = {wanted->get("DEPLOY_ID"), wanted->get("CPU"), wanted->get("MEMORY")};
    }
    run.line(fmt::format("{:<30.30} {:>36} {:>4} {:>10}", vm.get("VM_NAME"), values[0], values[1],
                         values[2]));
  }
}

}  // namespace

Status show_host(Run& run, const XmlNode& host) {
  Page page(run, {.label = 22});
  page.title(fmt::format("HOST {} INFORMATION", host.get("ID")));
  page.line("ID", host.get("ID"));
  page.line("NAME", host.get("NAME"));
  page.line("CLUSTER", host.get("CLUSTER"));
  const auto state = static_cast<std::size_t>(number(host, "STATE"));
  page.line("STATE", state < states.size() ? states[state] : "");
  page.line("IM_MAD", host.get("IM_MAD"));
  page.line("VM_MAD", host.get("VM_MAD"));
  page.line("LAST MONITORING TIME", time_text(number(host, "MONITORING/TIMESTAMP")));
  page.blank();
  print_shares(page, host);
  print_datastores(page, host);
  page.blank();
  page.attributes("MONITORING INFORMATION", host.child("TEMPLATE"), {"VM", "PCI"});
  print_pci(page, at(host, "HOST_SHARE/PCI_DEVICES"));
  print_numa(page, host);
  print_wilds(run, page, host);
  page.blank();
  page.short_header("VIRTUAL MACHINES");
  const std::vector<std::string> machines = ids(host.child("VMS"));
  return print_machines(run, [&](const XmlNode& vm) {
    return std::ranges::find(machines, vm.get("ID")) != machines.end();
  });
}

namespace {

struct Sample {
  long long time;
  double value;
};

std::string value_text(double value) {
  return value == std::floor(value) ? fmt::format("{}", static_cast<long long>(value))
                                    : fmt::format("{}", value);
}

// Memory is measured in KB; other attributes have no unit.
double divisor(char unit) {
  const std::size_t power = std::string_view("KMGT").find(unit);
  return std::pow(1024.0, static_cast<double>(power == std::string_view::npos ? 2 : power));
}

std::vector<Sample> samples_of(const XmlNode& data, const std::string& attribute) {
  std::vector<Sample> samples;
  for (const XmlNode& one : data.children("MONITORING")) {
    for (const char* group : {"CAPACITY", "SYSTEM"}) {
      const XmlNode value = one.child(group).child(attribute);
      if (value)
        samples.push_back(
            {number(one, "TIMESTAMP"), parse_number<double>(value.text()).value_or(0)});
    }
  }
  return samples;
}

}  // namespace

Result<int> host_monitoring(Run& run) {
  const int id = run.id(0);
  const std::string attribute = upper(run.text(1));
  NUBO_CHECK(run.call_for_document("info", {id, false}));
  NUBO_TRY(const XmlDocument data, run.call_for_document("monitoring", {id}));
  std::vector<Sample> samples = samples_of(data.root(), attribute);
  const auto wanted = static_cast<std::size_t>(run.options.number("n", 8));
  if (samples.size() > wanted)
    samples.erase(samples.begin(), samples.end() - static_cast<long>(wanted));
  if (samples.empty()) {
    run.error_line("No monitoring data found");
    return 0;
  }
  if (run.options.has("csv")) {
    const std::string separator = run.options.get("csv");
    run.line(fmt::format("TIME{}VALUE", separator));
    for (const Sample& one : samples) {
      run.line(
          fmt::format("{}{}{}", format_time(one.time, "%H:%M"), separator, value_text(one.value)));
    }
    return 0;
  }
  const bool memory = attribute.find("MEMORY") != attribute.npos;
  const std::string given = upper(run.options.get("unit"));
  const char unit = given.empty() ? 'G' : given.front();
  run.line(fmt::format("\nHost {} {}{} from {} to {}\n", id, attribute,
                       memory ? fmt::format(" in {}B", unit) : std::string(),
                       format_time(samples.front().time, "%d/%m/%Y %H:%M"),
                       format_time(samples.back().time, "%d/%m/%Y %H:%M")));
  std::vector<std::vector<std::string>> rows;
  for (const Sample& one : samples) {
    rows.push_back({format_time(one.time, "%H:%M"),
                    memory ? fmt::format("{:.1f} {}B", one.value / divisor(unit), unit)
                           : value_text(one.value)});
  }
  Page(run).table({{"TIME", 8}, {"VALUE", 8}}, rows);
  return 0;
}

}  // namespace nubo::cli
