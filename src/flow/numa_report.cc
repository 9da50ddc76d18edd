// SPDX-License-Identifier: Apache-2.0
#include "flow/numa_report.h"

#include <fmt/ranges.h>

#include <map>

#include "base/lists.h"

namespace nubo {
namespace {

using NodesById = std::map<int, Template>;

Vector core_of(const Vector& reported) {
  const auto cpus = split(reported.get("CPUS"));
  return {{"CPUS", fmt::format("{}{}", fmt::join(cpus, ":-1,"), cpus.empty() ? "" : ":-1")},
          {"DEDICATED", "NO"},
          {"FREE", std::to_string(cpus.size())},
          {"ID", reported.get("ID")}};
}

Vector pages_of(const Vector& reported) {
  return {{"PAGES", reported.get("PAGES")}, {"SIZE", reported.get("SIZE")}, {"USAGE", "0"}};
}

Vector memory_of(const Vector& reported) {
  return {{"DISTANCE", reported.get("DISTANCE")}, {"TOTAL", reported.get("TOTAL")}, {"USAGE", "0"}};
}

Vector free_pages_of(const Vector& reported) {
  return {{"FREE", reported.get("FREE")}, {"SIZE", reported.get("SIZE")}};
}

Vector used_memory_of(const Vector& reported) {
  return {{"FREE", reported.get("FREE")}, {"USED", reported.get("USED")}};
}

struct Part {
  const char* reported;
  const char* name;
  Vector (*shown)(const Vector&);
};

/// Adds what the report has by one name to the nodes that it belongs to; entries without a node are
/// dropped.
void sort_in(NodesById& nodes, const Template& report, const Part& part) {
  for (const Vector* entry : report.vectors(part.reported)) {
    const auto node = entry->number<int>("NODE_ID");
    if (node) nodes[*node].add(part.name, part.shown(*entry));
  }
}

void number_nodes(NodesById& nodes) {
  for (auto& [id, node] : nodes) node.add("NODE_ID", std::to_string(id));
}

}  // namespace

NumaNodes take_numa_nodes(Template& report) {
  NodesById by_id;
  sort_in(by_id, report, {"CORE", "CORE", core_of});
  sort_in(by_id, report, {"HUGEPAGE", "HUGEPAGE", pages_of});
  sort_in(by_id, report, {"MEMORY_NODE", "MEMORY", memory_of});
  for (const char* name : {"CORE", "HUGEPAGE", "MEMORY_NODE"}) report.erase(name);
  number_nodes(by_id);
  NumaNodes nodes;
  for (auto& [id, node] : by_id) nodes.nodes.push_back(std::move(node));
  return nodes;
}

void write_numa_use(XmlWriter& out, const Template& monitor) {
  NodesById by_id;
  sort_in(by_id, monitor, {"HUGEPAGE", "HUGEPAGE", free_pages_of});
  sort_in(by_id, monitor, {"MEMORY_NODE", "MEMORY", used_memory_of});
  number_nodes(by_id);
  for (const auto& [id, node] : by_id) write_field(out, "NUMA_NODE", node, plain);
}

}  // namespace nubo
