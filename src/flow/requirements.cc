// SPDX-License-Identifier: Apache-2.0
#include "flow/requirements.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/lists.h"

namespace nubo {
namespace {

/// `allowed` becomes what both allow; what says where the device is used in messages.
Status narrow(std::optional<std::set<int>>& allowed, const Vector& device,
              const std::string& what) {
  if (!device.contains("CLUSTER_ID")) return ok();
  const std::set<int> own = parse_ids(device.get("CLUSTER_ID"));
  if (own.empty()) return fail(Code::internal, "{} is not in any cluster", what);
  std::set<int> both;
  if (allowed) {
    std::ranges::set_intersection(*allowed, own, std::inserter(both, both.end()));
  } else {
    both = own;
  }
  if (both.empty()) {
    return fail(Code::internal,
                "Incompatible cluster IDs: {} is in clusters {}, the others are in {}", what,
                fmt::join(own, ", "), fmt::join(*allowed, ", "));
  }
  allowed = std::move(both);
  return ok();
}

/// A boot file's datastore restricts like a disk's.
Status narrow_to_file(std::optional<std::set<int>>& allowed, const Vector& os,
                      const std::string& file) {
  const std::string key = file + "_CLUSTER_ID";
  if (!os.contains(key)) return ok();
  return narrow(allowed, Vector{{"CLUSTER_ID", os.get(key)}}, "OS/" + file);
}

std::string any_of(const std::set<int>& clusters, const char* form) {
  std::vector<std::string> parts;
  for (const int id : clusters) parts.push_back(fmt::format(fmt::runtime(form), id));
  return fmt::format("({})", fmt::join(parts, " | "));
}

bool pinned(const Vm& vm) {
  const Vector* topology = vm.system.vector("TOPOLOGY");
  if (!topology) return false;
  const std::string& policy = topology->get("PIN_POLICY");
  return !policy.empty() && policy != "NONE";
}

bool has_shareable_disk(const Vm& vm) {
  return std::ranges::any_of(vm.system.vectors("DISK"),
                             [](const Vector* disk) { return disk->yes("SHAREABLE"); });
}

/// The system datastores that every image datastore lists in COMPATIBLE_SYS_DS, if any does.
Result<std::optional<std::set<int>>> compatible_datastores(const Draft& draft, const Vm& vm) {
  std::optional<std::set<int>> allowed;
  for (const Vector* disk : vm.system.vectors("DISK")) {
    const DatastoreId id{disk->number<int>("DATASTORE_ID").value_or(-1)};
    const Datastore* datastore = draft.find<Datastore>(id);
    if (!datastore) continue;
    const std::string& list = datastore->attributes.get("COMPATIBLE_SYS_DS");
    if (list.empty()) continue;
    const std::set<int> own = parse_ids(list);
    std::set<int> both = own;
    if (allowed) {
      both.clear();
      std::ranges::set_intersection(*allowed, own, std::inserter(both, both.end()));
    }
    if (both.empty()) {
      return fail(Code::internal, "No system datastore is compatible with datastore {} of disk {}",
                  id, disk->get("DISK_ID"));
    }
    allowed = std::move(both);
  }
  return allowed;
}

std::string host_requirements(const Vm& vm, const std::optional<std::set<int>>& clusters) {
  std::string text;
  if (clusters) text = any_of(*clusters, "CLUSTER_ID = {}") + " & ";
  text += pinned(vm) ? "(PIN_POLICY = PINNED)" : "!(PIN_POLICY = PINNED)";
  const Vector* model = vm.system.vector("CPU_MODEL");
  for (const std::string_view feature :
       split(model ? std::string_view(model->get("FEATURES")) : "")) {
    text += fmt::format(" & (KVM_CPU_FEATURES = \"*{}*\")", feature);
  }
  return text;
}

}  // namespace

Result<std::optional<std::set<int>>> allowed_clusters(const Vm& vm) {
  std::optional<std::set<int>> allowed;
  if (const Vector* os = vm.system.vector("OS")) {
    for (const char* file : {"KERNEL_DS", "INITRD_DS"}) {
      NUBO_CHECK(narrow_to_file(allowed, *os, file));
    }
  }
  for (const Vector* disk : vm.system.vectors("DISK")) {
    NUBO_CHECK(narrow(allowed, *disk, fmt::format("DISK [{}]", disk->get("DISK_ID"))));
  }
  for (const char* kind : {"NIC", "NIC_ALIAS"}) {
    for (const Vector* nic : vm.system.vectors(kind)) {
      NUBO_CHECK(narrow(allowed, *nic, fmt::format("NIC [{}]", nic->get("NIC_ID"))));
    }
  }
  return allowed;
}

Status set_automatic_requirements(const Draft& draft, Vm& vm) {
  NUBO_TRY(const std::optional<std::set<int>> clusters, allowed_clusters(vm));
  NUBO_TRY(const std::optional<std::set<int>> datastores, compatible_datastores(draft, vm));
  vm.system.set("AUTOMATIC_REQUIREMENTS", host_requirements(vm, clusters));

  std::vector<std::string> parts;
  if (clusters) parts.push_back(any_of(*clusters, "\"CLUSTERS/ID\" @> {}"));
  vm.system.erase("AUTOMATIC_NIC_REQUIREMENTS");
  if (clusters) vm.system.add("AUTOMATIC_NIC_REQUIREMENTS", parts.front());
  if (datastores) parts.push_back(any_of(*datastores, "\"ID\" @> {}"));
  if (const std::string& tm = vm.system.get("TM_MAD_SYSTEM"); !tm.empty()) {
    parts.push_back(fmt::format("(TM_MAD = \"{}\")", tm));
  }
  if (has_shareable_disk(vm)) parts.emplace_back("(SHARED = \"YES\")");
  vm.system.erase("AUTOMATIC_DS_REQUIREMENTS");
  if (!parts.empty()) {
    vm.system.add("AUTOMATIC_DS_REQUIREMENTS", fmt::format("{}", fmt::join(parts, " & ")));
  }
  return ok();
}

}  // namespace nubo
