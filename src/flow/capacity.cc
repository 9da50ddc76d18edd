// SPDX-License-Identifier: Apache-2.0
#include "flow/capacity.h"

#include <set>
#include <string_view>

namespace nubo {
namespace {

void add(Host& host, const Capacity& capacity, int vms) {
  host.share.cpu_usage += capacity.cpu * vms;
  host.share.mem_usage += capacity.memory * vms;
  host.share.running_vms += vms;
}

/// `total` less "n", or less "n%" of it; text that is neither keeps nothing back.
long long limit(long long total, std::string_view reserved) {
  const bool percent = reserved.ends_with('%');
  if (percent) reserved.remove_suffix(1);
  const auto amount = parse_number<double>(reserved);
  if (!amount) return total;
  if (!percent) return total - static_cast<long long>(*amount);
  return static_cast<long long>(static_cast<double>(total) * (1.0 - *amount / 100.0));
}

std::string_view reserved(const Host& host, const Cluster* cluster, std::string_view name) {
  if (const std::string& own = host.attributes.get(name); !own.empty()) return own;
  return cluster ? std::string_view(cluster->attributes.get(name)) : std::string_view();
}

std::set<int> ports_in_use(const Draft& draft, ClusterId cluster, VmId except) {
  std::set<int> ports;
  const Cluster* home = draft.find<Cluster>(cluster);
  if (!home) return ports;
  for (const HostId host_id : home->hosts) {
    const Host* host = draft.find<Host>(host_id);
    if (!host) continue;
    for (const VmId id : host->vms) {
      const Vm* vm = draft.find<Vm>(id);
      const Vector* graphics = vm && id != except ? vm->system.vector("GRAPHICS") : nullptr;
      if (!graphics) continue;
      if (const auto port = graphics->number<int>("PORT")) ports.insert(*port);
    }
  }
  return ports;
}

}  // namespace

void charge(Draft& draft, HostId id, const Vm& vm) {
  const auto host = draft.edit<Host>(id);
  if (!host || !(*host)->vms.insert(vm.id).second) return;
  add(**host, capacity_of(vm), 1);
}

void refund(Draft& draft, HostId id, const Vm& vm) {
  const auto host = draft.edit<Host>(id);
  if (!host || (*host)->vms.erase(vm.id) == 0) return;
  add(**host, capacity_of(vm), -1);
}

Status fits(const Host& host, const Vm& vm) {
  const Capacity need = capacity_of(vm);
  const long long cpu = host.share.max_cpu - host.share.cpu_usage;
  const long long memory = host.share.max_mem - host.share.mem_usage;
  if (need.cpu > cpu) {
    return fail(Code::action, "Not enough CPU: {}/{}", need.cpu, cpu);
  }
  if (need.memory > memory) {
    return fail(Code::action, "Not enough memory: {}/{}", need.memory, memory);
  }
  return ok();
}

void set_limits(Host& host, const Cluster* cluster) {
  host.share.max_cpu = limit(host.share.total_cpu, reserved(host, cluster, "RESERVED_CPU"));
  host.share.max_mem = limit(host.share.total_mem, reserved(host, cluster, "RESERVED_MEM"));
}

Status take_graphics_port(const Draft& draft, Vm& vm, ClusterId cluster,
                          const GraphicsPorts& ports) {
  Vector* graphics = vm.system.vector("GRAPHICS");
  if (!graphics) return ok();
  const std::set<int> taken = ports_in_use(draft, cluster, vm.id);
  const auto wanted = graphics->number<int>("PORT");
  if (wanted && !taken.contains(*wanted)) return ok();
  if (wanted && !vm.current()) {
    return fail(Code::action, "Graphics port {} of VM {} is already in use in cluster {}", *wanted,
                vm.id, cluster);
  }
  const int span = ports.end - ports.start;
  for (int tried = 0; tried <= span; ++tried) {
    const int port = ports.start + (tried == 0 ? vm.id.value % span : tried - 1);
    if (taken.contains(port) || ports.reserved.contains(port)) continue;
    graphics->set("PORT", std::to_string(port));
    return ok();
  }
  return fail(Code::action, "No free graphics port in cluster {}", cluster);
}

}  // namespace nubo
