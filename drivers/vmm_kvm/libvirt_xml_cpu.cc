// SPDX-License-Identifier: Apache-2.0
// Processors and memory of a domain: vcpu, cputune, memory, cpu, numatune.
#include <algorithm>
#include <cmath>
#include <map>

#include "base/numbers.h"
#include "vmm_kvm/libvirt_xml_parts.h"

namespace nubo::kvm {
namespace {

constexpr int own_distance = 10;
constexpr int other_distance = 20;

long long kib(const std::string& mebibytes) {
  return parse_number<long long>(mebibytes).value_or(0) * 1024;
}

bool is_hotplug(const Sources& sources) {
  return upper(sources.get("MEMORY_RESIZE_MODE")) == "HOTPLUG" &&
         kib(sources.get("MEMORY_MAX")) > kib(sources.get("MEMORY"));
}

// The scheduler's weight of the domain: cgroups 1 counts in 1/1024 of a core, cgroups 2 in 1/100.
long long shares(const Sources& sources) {
  const bool is_v2 = sources.site("CGROUPS_VERSION") == "2";
  const double weight = parse_number<double>(sources.get("CPU")).value_or(0) * (is_v2 ? 100 : 1024);
  // 0.07 * 100 is 7.000000000000001: rounding up must not see that
  const auto rounded = static_cast<long long>(std::ceil(weight - 1e-6));
  return is_v2 ? std::clamp(rounded, 1LL, 10000LL) : std::clamp(rounded, 2LL, 262144LL);
}

struct Pinning {
  std::vector<std::string> cpusets;  // per virtual CPU
  std::string all;                   // every CPU list of every node
};

Pinning pinning_of(const Template& vm, bool one_cpu_each) {
  Pinning pinning;
  for (const Vector* node : vm.vectors("NUMA_NODE")) {
    const std::string& list = node->get("CPUS");
    if (list.empty()) continue;
    if (!pinning.all.empty()) pinning.all += ',';
    pinning.all += list;
    const std::vector<std::string> cpus = split(list, ",");
    const auto count = static_cast<std::size_t>(node->number<int>("TOTAL_CPUS").value_or(0));
    for (std::size_t i = 0; i < count; ++i) {
      pinning.cpusets.push_back(one_cpu_each && i < cpus.size() ? cpus[i] : list);
    }
  }
  return pinning;
}

void write_pinning(DomainWriter& out, const Sources& sources) {
  const Vector* topology = sources.vm().vector("TOPOLOGY");
  if (topology == nullptr) return;
  const std::string policy = upper(topology->get("PIN_POLICY"));
  const bool is_pinned = !policy.empty() && policy != "NONE";
  if (!is_pinned && topology->get("NODE_AFFINITY").empty() &&
      topology->get("HUGEPAGE_SIZE").empty()) {
    return;
  }
  const Pinning pinning = pinning_of(sources.vm(), is_pinned && policy != "SHARED");
  for (std::size_t i = 0; i < pinning.cpusets.size(); ++i) {
    out.empty("vcpupin", {{"vcpu", std::to_string(i)}, {"cpuset", pinning.cpusets[i]}});
  }
  std::string emulator = sources.site("EMULATOR_CPUS");
  if (emulator.empty() && is_pinned) emulator = pinning.all;
  if (!emulator.empty()) out.empty("emulatorpin", {{"cpuset", emulator}});
}

// "0:10,2-3:21" → node → distance
std::map<int, int> parse_distances(const std::string& text) {
  std::map<int, int> distances;
  for (const std::string& item : split(text, ",")) {
    const std::vector<std::string> parts = split(item, ":");
    if (parts.size() != 2) continue;
    const std::vector<std::string> range = split(parts[0], "-");
    const auto first = parse_number<int>(range.front());
    const auto last = parse_number<int>(range.back());
    const auto distance = parse_number<int>(parts[1]);
    if (!first || !last || !distance) continue;
    for (int node = *first; node <= *last && node < 1024; ++node) distances[node] = *distance;
  }
  return distances;
}

void write_distances(DomainWriter& out, const Vector& node, int id, std::size_t nodes) {
  const std::map<int, int> distances = parse_distances(node.get("DISTANCE"));
  out.open("distances");
  for (int other = 0; other < static_cast<int>(nodes); ++other) {
    const auto known = distances.find(other);
    const int otherwise = other == id ? own_distance : other_distance;
    out.empty("sibling",
              {{"id", std::to_string(other)},
               {"value", std::to_string(known == distances.end() ? otherwise : known->second)}});
  }
  out.close();
}

void write_numa_cells(DomainWriter& out, const Sources& sources) {
  const std::vector<const Vector*> nodes = sources.vm().vectors("NUMA_NODE");
  if (nodes.empty()) return;
  const std::string access = sources.get("TOPOLOGY", "MEMORY_ACCESS");
  int first_cpu = 0;
  int id = 0;
  out.open("numa");
  for (const Vector* node : nodes) {
    const int count = node->number<int>("TOTAL_CPUS").value_or(0);
    const std::string cpus =
        count > 0 ? fmt::format("{}-{}", first_cpu, first_cpu + count - 1) : std::string();
    out.open("cell", {{"id", std::to_string(id)},
                      {"memory", node->get("MEMORY")},
                      {"cpus", cpus},
                      {"memAccess", access}});
    if (!node->get("DISTANCE").empty()) write_distances(out, *node, id, nodes.size());
    out.close();
    first_cpu += count;
    ++id;
  }
  out.close();
}

void write_hotplug_cell(DomainWriter& out, const Domain& domain) {
  const int vcpus = parse_number<int>(domain.vcpus).value_or(1);
  out.open("numa");
  out.empty("cell", {{"id", "0"},
                     {"cpus", fmt::format("0-{}", vcpus - 1)},
                     {"memory", std::to_string(kib(domain.sources.get("MEMORY")))},
                     {"unit", "KiB"}});
  out.close();
}

void write_model(DomainWriter& out, const Sources& sources, const std::string& model) {
  if (model == "host-passthrough") {
    out.open("cpu", {{"mode", "host-passthrough"}});
  } else {
    out.open("cpu", {{"mode", model.empty() ? "" : "custom"}});
    if (!model.empty()) out.text("model", model, {{"fallback", "forbid"}});
  }
  if (model.empty()) return;
  for (const std::string& feature : split(sources.get("CPU_MODEL", "FEATURES"), ", ")) {
    out.empty("feature", {{"policy", "require"}, {"name", feature}});
  }
}

}  // namespace

long long cpu_shares(const DomainRequest& request) { return shares(Sources(request)); }

void write_vcpus(DomainWriter& out, const Domain& domain) {
  const std::string most = domain.sources.get("VCPU_MAX");
  if (!most.empty()) {
    out.text("vcpu", most, {{"current", domain.vcpus.empty() ? most : domain.vcpus}});
  } else if (!domain.vcpus.empty()) {
    out.text("vcpu", domain.vcpus);
  }
  out.open("cputune");
  out.text("shares", std::to_string(shares(domain.sources)));
  write_pinning(out, domain.sources);
  out.close();
}

void write_memory(DomainWriter& out, const Domain& domain) {
  const Sources& sources = domain.sources;
  const long long memory = kib(sources.get("MEMORY"));
  const long long most = kib(sources.get("MEMORY_MAX"));
  if (is_hotplug(sources)) {
    out.text("memory", std::to_string(memory));
    if (sources.vm().vector("TOPOLOGY") != nullptr) return;
    const std::string slots = sources.get("MEMORY_SLOTS");
    out.text("maxMemory", std::to_string(most), {{"slots", slots.empty() ? "16" : slots}});
  } else if (most > memory) {
    out.text("memory", std::to_string(most));
    out.text("currentMemory", std::to_string(memory));
  } else {
    out.text("memory", std::to_string(memory));
  }
}

void write_cpu(DomainWriter& out, const Domain& domain) {
  const Sources& sources = domain.sources;
  std::string model = sources.cluster().get("EVC_MODE");
  if (model.empty()) model = sources.get("CPU_MODEL", "MODEL");
  const Vector* topology = sources.vm().vector("TOPOLOGY");
  const bool needs_cell = is_hotplug(sources) && sources.vm().vectors("NUMA_NODE").empty();
  if (model.empty() && topology == nullptr && !needs_cell) return;
  write_model(out, sources, model);
  if (needs_cell) write_hotplug_cell(out, domain);
  if (topology != nullptr) {
    if (!topology->get("SOCKETS").empty()) {
      out.empty("topology", {{"sockets", topology->get("SOCKETS")},
                             {"cores", topology->get("CORES")},
                             {"threads", topology->get("THREADS")}});
    }
    write_numa_cells(out, sources);
  }
  out.close();
}

void write_numa_tune(DomainWriter& out, const Domain& domain) {
  const std::vector<const Vector*> nodes = domain.sources.vm().vectors("NUMA_NODE");
  if (nodes.empty()) return;
  std::string all;
  int id = 0;
  out.open("numatune");
  for (const Vector* node : nodes) {
    const std::string& memory_node = node->get("MEMORY_NODE_ID");
    if (!memory_node.empty()) {
      out.empty("memnode",
                {{"cellid", std::to_string(id)}, {"mode", "strict"}, {"nodeset", memory_node}});
      if (!all.empty()) all += ',';
      all += memory_node;
    }
    ++id;
  }
  if (!all.empty()) out.empty("memory", {{"mode", "strict"}, {"nodeset", all}});
  out.close();
}

}  // namespace nubo::kvm
