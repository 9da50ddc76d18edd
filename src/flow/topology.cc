// SPDX-License-Identifier: Apache-2.0
#include "flow/topology.h"

#include <array>
#include <bit>
#include <optional>
#include <vector>

#include "text/trim.h"

namespace nubo {
namespace {

constexpr long long kib_per_mib = 1024;

struct Shape {
  std::optional<unsigned> sockets, cores, threads;
};

struct Node {
  std::optional<unsigned> cpus;
  std::optional<long long> memory_mib;
};

Failure refused(const char* why) { return fail(Code::allocate, "{}", why); }

Shape shape_of(const Vector& topology) {
  const auto count = [&topology](const char* key) -> std::optional<unsigned> {
    const auto number = topology.number<unsigned>(key);
    return number && *number > 0 ? number : std::nullopt;
  };
  return {count("SOCKETS"), count("CORES"), count("THREADS")};
}

void write_shape(Vector& topology, const Shape& shape) {
  for (const auto& [key, count] : {std::pair{"SOCKETS", shape.sockets},
                                   std::pair{"CORES", shape.cores},
                                   std::pair{"THREADS", shape.threads}}) {
    if (count) topology.set(key, std::to_string(*count));
  }
}

/// Guests that are not pinned name all three counts or none.
Result<Shape> free_shape(Shape shape, unsigned vcpu) {
  if (!shape.sockets && !shape.cores && !shape.threads) return Shape{1, vcpu, 1};
  if (!shape.sockets || !shape.cores || !shape.threads) {
    return refused(
        "Non-pinned VMs with a virtual topology needs to set  SOCKETS, CORES and THREADS numbers.");
  }
  if (*shape.sockets * *shape.cores * *shape.threads != vcpu) {
    return refused("Total threads per core and socket needs to match VCPU");
  }
  return shape;
}

Result<Shape> pinned_shape(Shape shape, unsigned vcpu, std::size_t nodes) {
  if (!shape.sockets) shape.sockets = nodes == 0 ? 1U : static_cast<unsigned>(nodes);
  if (!shape.cores) return shape;  // the host's cores decide
  const unsigned cores = *shape.sockets * *shape.cores;
  if (shape.threads) {
    if (cores * *shape.threads == vcpu) return shape;
    return refused("Total threads per core and socket needs to match VCPU");
  }
  if (vcpu % cores != 0 || !std::has_single_bit(vcpu / cores)) {
    return refused("VCPU over SOCKETS and CORES needs to be a power of two of threads");
  }
  shape.threads = vcpu / cores;
  return shape;
}

Vector node_vector(Vector base, unsigned cpus, long long memory_mib) {
  base.set("TOTAL_CPUS", std::to_string(cpus));
  base.set("MEMORY", std::to_string(memory_mib * kib_per_mib));
  return base;
}

Result<std::vector<Vector>> equal_nodes(unsigned count, unsigned vcpu, long long memory_mib) {
  if (vcpu % count != 0) return refused("VCPU needs to be a multiple of SOCKETS");
  if (memory_mib % count != 0) return refused("MEMORY needs to be a multiple of SOCKETS");
  return std::vector<Vector>(count, node_vector({}, vcpu / count, memory_mib / count));
}

Result<std::vector<Vector>> given_nodes(const std::vector<Vector>& given, unsigned vcpu,
                                        long long memory_mib) {
  unsigned cpus = 0;
  long long memory = 0;
  std::vector<Vector> nodes;
  for (const Vector& each : given) {
    const Node node{each.number<unsigned>("TOTAL_CPUS"), each.number<long long>("MEMORY")};
    if (!node.cpus || !node.memory_mib) {
      return refused("A NUMA_NODE needs both TOTAL_CPUS and MEMORY");
    }
    cpus += *node.cpus;
    memory += *node.memory_mib;
    nodes.push_back(node_vector(each, *node.cpus, *node.memory_mib));
  }
  if (cpus != vcpu) return refused("The TOTAL_CPUS of all NUMA_NODEs need to add up to VCPU");
  if (memory != memory_mib) return refused("The MEMORY of all NUMA_NODEs needs to add up to MEMORY");
  return nodes;
}

Result<std::vector<Vector>> pinned_nodes(const std::vector<Vector>& given, const Shape& shape,
                                         unsigned vcpu, long long memory_mib) {
  if (given.empty()) return equal_nodes(*shape.sockets, vcpu, memory_mib);
  return given_nodes(given, vcpu, memory_mib);
}

std::string pin_policy(const Vector& topology) {
  constexpr std::array pinning{"CORE", "THREAD", "SHARED"};
  std::string policy = upper_case(topology.get("PIN_POLICY"));
  for (const char* known : pinning) {
    if (policy == known) return policy;
  }
  return "NONE";
}

}  // namespace

Status settle_topology(Template& attributes) {
  std::vector<Vector> nodes;
  for (const Vector* node : attributes.vectors("NUMA_NODE")) nodes.push_back(*node);
  const Vector* given = attributes.vector("TOPOLOGY");
  if (!given && nodes.empty()) return ok();
  Vector topology = given ? *given : Vector{};
  if (attributes.get("VCPU").empty()) attributes.set("VCPU", "1");
  const unsigned vcpu = attributes.number<unsigned>("VCPU").value_or(0);
  const long long memory = attributes.number<long long>("MEMORY").value_or(0);
  if (vcpu == 0) return refused("VCPU attribute must be a positive integer value.");
  if (attributes.contains("VCPU_MAX")) return refused("VCPU_MAX does not go with a TOPOLOGY");

  const std::string policy = pin_policy(topology);
  const bool has_affinity = !topology.get("NODE_AFFINITY").empty();
  topology.set("PIN_POLICY", policy);
  Shape shape = shape_of(topology);
  if (policy == "NONE") {
    NUBO_TRY(shape, free_shape(shape, vcpu));
    nodes.clear();
    const bool has_node = has_affinity || !topology.get("HUGEPAGE_SIZE").empty();
    if (has_node) nodes.push_back(node_vector({}, vcpu, memory));
  } else {
    if (has_affinity) return refused("NODE_AFFINITY does not go with a PIN_POLICY");
    NUBO_TRY(shape, pinned_shape(shape, vcpu, nodes.size()));
    NUBO_TRY(nodes, pinned_nodes(nodes, shape, vcpu, memory));
    attributes.set("CPU", std::to_string(vcpu));
  }
  write_shape(topology, shape);
  attributes.set("TOPOLOGY", std::move(topology));
  attributes.erase("NUMA_NODE");
  for (Vector& node : nodes) attributes.add("NUMA_NODE", std::move(node));
  return ok();
}

}  // namespace nubo
