// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/node_facts.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "base/numbers.h"
#include "ssh/quote.h"
#include "text/xml_reader.h"

namespace nubo::kvm {
namespace {

constexpr std::string_view mark = "@@";
constexpr std::size_t longest_value = 16'384;
constexpr long long small_page_kib = 4;

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

std::string first_line(const Sections& sections, std::string_view name) {
  const auto found = sections.find(name);
  if (found == sections.end()) return {};
  return found->second.substr(0, std::min(found->second.find('\n'), std::size_t{256}));
}

std::vector<std::string> lines_of(const Sections& sections, std::string_view name) {
  std::vector<std::string> lines;
  const auto found = sections.find(name);
  if (found == sections.end()) return lines;
  std::istringstream in(found->second);
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

// "MemTotal:  16384 kB" → 16384
long long memory_kib(const Sections& sections, std::string_view name) {
  for (const std::string& line : lines_of(sections, "meminfo")) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() >= 2 && words[0] == name) return parse_number<long long>(words[1]).value_or(0);
  }
  return 0;
}

int processors(const Sections& sections) {
  const std::vector<std::string> lines = lines_of(sections, "stat");
  return static_cast<int>(std::ranges::count_if(lines, [](const std::string& line) {
    return line.starts_with("cpu") && line.size() > 3 && line[3] != ' ';
  }));
}

// Bridges and the guests' own devices count what passes the node's cards a second time.
bool is_card(const std::string& device) {
  constexpr std::array others{"lo", "one", "vnet", "tap", "virbr", "br", "docker"};
  return std::ranges::none_of(others,
                              [&](const char* prefix) { return device.starts_with(prefix); });
}

struct Traffic {
  unsigned long long rx = 0;
  unsigned long long tx = 0;
};

Traffic traffic(const Sections& sections) {
  Traffic total;
  for (std::string line : lines_of(sections, "net")) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    line[colon] = ' ';
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 10 || !is_card(words[0])) continue;
    total.rx += parse_number<unsigned long long>(words[1]).value_or(0);
    total.tx += parse_number<unsigned long long>(words[9]).value_or(0);
  }
  return total;
}

void add_text(Template& into, const char* name, std::string value) {
  if (value.empty()) return;
  if (value.size() > longest_value) value.resize(longest_value);
  into.set(name, std::move(value));
}

std::string join(const std::vector<std::string>& words, char separator) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += separator;
    joined += word;
  }
  return joined;
}

// --- libvirt's topology ------------------------------------------------------------------------

void add_cores(const XmlNode& cell, Template& into) {
  std::vector<std::pair<std::string, std::vector<std::string>>> cores;
  for (const XmlNode& cpu : cell.child("cpus").children("cpu")) {
    const std::string id = cpu.attribute("core_id");
    auto core = std::ranges::find(cores, id, [](const auto& one) { return one.first; });
    if (core == cores.end()) core = cores.insert(cores.end(), {id, {}});
    core->second.push_back(cpu.attribute("id"));
  }
  for (const auto& [id, cpus] : cores) {
    into.add("CORE",
             Vector{{"NODE_ID", cell.attribute("id")}, {"ID", id}, {"CPUS", join(cpus, ',')}});
  }
}

void add_cell_memory(const XmlNode& cell, Template& into) {
  std::vector<std::pair<int, std::string>> siblings;
  for (const XmlNode& sibling : cell.child("distances").children("sibling")) {
    siblings.emplace_back(parse_number<int>(sibling.attribute("value")).value_or(0),
                          sibling.attribute("id"));
  }
  std::ranges::sort(siblings);
  std::vector<std::string> nearest_first;
  for (const auto& [distance, id] : siblings) nearest_first.push_back(id);
  into.add("MEMORY_NODE",
           Vector{{"NODE_ID", cell.attribute("id")},
                  {"TOTAL", cell.get("memory")},
                  {"DISTANCE", nearest_first.empty() ? "0" : join(nearest_first, ' ')}});
  for (const XmlNode& pages : cell.children("pages")) {
    if (parse_number<long long>(pages.attribute("size")).value_or(0) <= small_page_kib) continue;
    into.add("HUGEPAGE", Vector{{"NODE_ID", cell.attribute("id")},
                                {"SIZE", pages.attribute("size")},
                                {"PAGES", pages.text()}});
  }
}

// Machine names of the guests that the node's own architecture and hypervisor can run.
std::vector<std::string> machines_of(const XmlNode& capabilities, const std::string& hypervisor) {
  const std::string arch = capabilities.child("host").child("cpu").get("arch");
  std::vector<std::string> names;
  for (const XmlNode& guest : capabilities.children("guest")) {
    const XmlNode guest_arch = guest.child("arch");
    if (guest_arch.attribute("name") != arch) continue;
    for (const XmlNode& domain : guest_arch.children("domain")) {
      if (domain.attribute("type") != hypervisor) continue;
      for (const XmlNode& machine : guest_arch.children("machine")) names.push_back(machine.text());
      for (const XmlNode& machine : domain.children("machine")) names.push_back(machine.text());
    }
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::string facts_script() {
  return R"(
echo @@meminfo; grep -E '^(MemTotal|MemFree|MemAvailable):' /proc/meminfo
echo @@stat; grep '^cpu' /proc/stat
echo @@net; cat /proc/net/dev
echo @@arch; uname -m
echo @@hostname; uname -n
echo @@model; sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n1
echo @@speed; sed -n 's/^cpu MHz[^:]*: *//p' /proc/cpuinfo | head -n1
echo @@cgroups; if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo 2; else echo 1; fi
)";
}

std::string room_script(const std::string& datastore_location) {
  // Without a file that answers, df would look at what the path is mounted on.
  return fmt::format(
      "cd {} || exit 0; set -- .; for d in [0-9]*; do [ -d \"$d\" ] && set -- \"$@\" \"$d\"; done; "
      "df -B1048576 --output=file,size,used,avail \"$@\" | tail -n +2; exit 0",
      ssh::quote(datastore_location));
}

Sections parse_sections(std::string_view output) {
  Sections sections;
  std::istringstream in{std::string(output)};
  std::string* current = nullptr;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(mark)) {
      current = &sections[line.substr(mark.size())];
    } else if (current != nullptr) {
      current->append(line).append("\n");
    }
  }
  return sections;
}

void add_static_facts(const Sections& sections, Template& into) {
  add_text(into, "ARCH", first_line(sections, "arch"));
  add_text(into, "MODELNAME", first_line(sections, "model"));
  const std::string speed = first_line(sections, "speed");
  add_text(into, "CPUSPEED", speed.substr(0, speed.find('.')));
  add_text(into, "HOSTNAME", first_line(sections, "hostname"));
  add_text(into, "CGROUPS_VERSION", first_line(sections, "cgroups"));
  into.set("TOTALCPU", std::to_string(processors(sections) * 100));
  into.set("TOTALMEMORY", std::to_string(memory_kib(sections, "MemTotal:")));
}

CpuTicks parse_ticks(const Sections& sections) {
  CpuTicks ticks;
  const std::vector<std::string> words = words_of(first_line(sections, "stat"));
  // user nice system idle iowait irq softirq steal; the guests' share is in user already
  for (std::size_t i = 1; i < words.size() && i <= 8; ++i) {
    const auto value = parse_number<unsigned long long>(words[i]).value_or(0);
    ticks.all += value;
    if (i == 4 || i == 5) ticks.idle += value;
  }
  return ticks;
}

void add_load(const Sections& sections, const CpuTicks& before, Template& into) {
  const CpuTicks now = parse_ticks(sections);
  const double all = static_cast<double>(now.all) - static_cast<double>(before.all);
  const double idle = static_cast<double>(now.idle) - static_cast<double>(before.idle);
  const int total = processors(sections) * 100;
  const int free = all > 0 ? std::clamp(static_cast<int>(idle / all * total), 0, total) : total;
  into.set("FREECPU", std::to_string(free));
  into.set("USEDCPU", std::to_string(total - free));
  const long long memory = memory_kib(sections, "MemTotal:");
  const long long available = memory_kib(sections, "MemAvailable:");
  into.set("FREEMEMORY", std::to_string(available));
  into.set("USEDMEMORY", std::to_string(memory - available));
  const Traffic bytes = traffic(sections);
  into.set("NETRX", std::to_string(bytes.rx));
  into.set("NETTX", std::to_string(bytes.tx));
}

void add_room(std::string_view output, Template& into) {
  std::istringstream in{std::string(output)};
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() != 4 || !parse_number<long long>(words[1])) continue;
    if (words[0] == ".") {
      into.set("DS_LOCATION_TOTAL_MB", words[1]);
      into.set("DS_LOCATION_USED_MB", words[2]);
      into.set("DS_LOCATION_FREE_MB", words[3]);
    } else if (parse_number<int>(words[0])) {
      into.add("DS", Vector{{"ID", words[0]},
                            {"TOTAL_MB", words[1]},
                            {"USED_MB", words[2]},
                            {"FREE_MB", words[3]}});
    }
  }
}

Status add_capabilities(std::string_view capabilities, const std::string& hypervisor,
                        Template& into) {
  NUBO_TRY(const XmlDocument document, XmlDocument::parse(capabilities));
  const std::vector<std::string> machines = machines_of(document.root(), hypervisor);
  if (machines.empty()) {
    return fail(Code::action, "its libvirt runs no guests of type {}{}", hypervisor,
                hypervisor == "kvm" ? " (is there a /dev/kvm?); type qemu emulates" : "");
  }
  add_text(into, "KVM_MACHINES", join(machines, ' '));
  const XmlNode cells = document.root().child("host").child("topology").child("cells");
  for (const XmlNode& cell : cells.children("cell")) {
    add_cores(cell, into);
    add_cell_memory(cell, into);
  }
  return ok();
}

void add_processor_models(std::string_view domain_capabilities, Template& into) {
  const auto document = XmlDocument::parse(domain_capabilities);
  if (!document) return;
  for (const XmlNode& mode : document->root().child("cpu").children("mode")) {
    if (mode.attribute("name") == "custom") {
      std::vector<std::string> usable;
      for (const XmlNode& model : mode.children("model")) {
        if (model.attribute("usable") == "yes") usable.push_back(model.text());
      }
      add_text(into, "KVM_CPU_MODELS", join(usable, ' '));
    } else if (mode.attribute("name") == "host-model") {
      std::vector<std::string> features;
      for (const XmlNode& feature : mode.children("feature")) {
        if (feature.attribute("policy") == "require") features.push_back(feature.attribute("name"));
      }
      add_text(into, "KVM_CPU_MODEL", mode.get("model"));
      add_text(into, "KVM_CPU_FEATURES", join(features, ','));
    }
  }
}

}  // namespace nubo::kvm
