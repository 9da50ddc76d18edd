// SPDX-License-Identifier: Apache-2.0
#include "sched/affinity.h"

#include <algorithm>
#include <string>

#include "base/lists.h"

namespace nubo {
namespace {

constexpr const char* together_rules = "AFFINED";
constexpr const char* apart_rules = "ANTI_AFFINED";

std::set<HostId> hosts_in(std::string_view list) {
  std::set<HostId> hosts;
  for (const std::string_view word : split(list)) {
    if (const auto id = parse_number<int>(word)) hosts.insert(HostId{*id});
  }
  return hosts;
}

void add_vms(IdSet<VmTag>& vms, const VmGroup& group, const std::string& role_name) {
  if (const Vector* role = role_named(group, role_name)) vms.merge(vms_of(*role));
}

/// The roles that AFFINED rules tie to this one, also by way of others.
std::set<std::string> tied_to(const VmGroup& group, const std::string& role) {
  std::set<std::string> tied{role};
  const auto rules = rules_of(group, together_rules);
  for (std::size_t before = 0; before != tied.size();) {
    before = tied.size();
    for (const auto& rule : rules) {
      const bool touches =
          std::ranges::any_of(rule, [&](const std::string& name) { return tied.contains(name); });
      if (touches) tied.insert(rule.begin(), rule.end());
    }
  }
  return tied;
}

bool share_any(const IdSet<VmTag>& some, const IdSet<VmTag>& others) {
  return std::ranges::any_of(some, [&others](VmId vm) { return others.contains(vm); });
}

}  // namespace

bool Affinity::allows(HostId host, const IdSet<VmTag>& on_host, bool together_elsewhere) const {
  if (never.contains(host) || (!only.empty() && !only.contains(host))) return false;
  if (share_any(apart, on_host)) return false;
  return !together_elsewhere || share_any(together, on_host);
}

Affinity affinity_of(const Snapshot& snapshot, const Vm& vm) {
  const Vector* member = vm.system.vector("VMGROUP");
  if (!member) return {};
  const auto group =
      snapshot.find<VmGroup>(VmGroupId{member->number<int>("VMGROUP_ID").value_or(-1)});
  const std::string& name = member->get("ROLE");
  const Vector* role = group ? role_named(*group, name) : nullptr;
  if (!role) return {};
  Affinity affinity{.only = hosts_in(role->get("HOST_AFFINED")),
                    .never = hosts_in(role->get("HOST_ANTI_AFFINED"))};
  const std::set<std::string> tied = tied_to(*group, name);
  if (role->get("POLICY") == together_rules || tied.size() > 1) {
    for (const std::string& each : tied) add_vms(affinity.together, *group, each);
  }
  if (role->get("POLICY") == apart_rules) add_vms(affinity.apart, *group, name);
  for (const auto& rule : rules_of(*group, apart_rules)) {
    if (!rule.contains(name)) continue;
    for (const std::string& each : rule) {
      if (each != name) add_vms(affinity.apart, *group, each);
    }
  }
  affinity.together.erase(vm.id);
  affinity.apart.erase(vm.id);
  return affinity;
}

bool any_has_host(const Snapshot& snapshot, const IdSet<VmTag>& vms) {
  return std::ranges::any_of(vms, [&snapshot](VmId id) {
    const auto vm = snapshot.find<Vm>(id);
    if (!vm || !vm->current()) return false;
    const auto host = snapshot.find<Host>(vm->current()->host_id);
    return host && host->vms.contains(id);
  });
}

}  // namespace nubo
