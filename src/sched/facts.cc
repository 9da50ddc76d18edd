// SPDX-License-Identifier: Apache-2.0
#include "sched/facts.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace nubo {
namespace {

using Values = std::vector<std::string>;

Values of_template(const Template& attributes, std::string_view name) {
  Values values;
  for (const Attribute& attribute : attributes.named(name)) {
    if (const std::string* value = attribute.single()) values.push_back(*value);
  }
  return values;
}

/// "DS/FREE_MB": the key of every vector of that name.
Values of_path(const Template& attributes, std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return of_template(attributes, path);
  Values values;
  for (const Vector* vector : attributes.vectors(path.substr(0, slash))) {
    const std::string_view key = path.substr(slash + 1);
    if (vector->contains(key)) values.push_back(vector->get(key));
  }
  return values;
}

template <class Tag>
Values of_ids(const std::set<Id<Tag>>& ids) {
  Values values;
  for (const Id<Tag> id : ids) values.push_back(std::to_string(id.value));
  return values;
}

struct ShareNumber {
  std::string_view name;
  long long HostShare::*member;
};

constexpr std::array share_numbers{
    ShareNumber{"MEM_USAGE", &HostShare::mem_usage}, ShareNumber{"CPU_USAGE", &HostShare::cpu_usage},
    ShareNumber{"TOTAL_MEM", &HostShare::total_mem}, ShareNumber{"TOTAL_CPU", &HostShare::total_cpu},
    ShareNumber{"MAX_MEM", &HostShare::max_mem},     ShareNumber{"MAX_CPU", &HostShare::max_cpu}};

Values of_share(const HostShare& share, std::string_view name) {
  for (const ShareNumber& number : share_numbers) {
    if (number.name == name) return {std::to_string(share.*(number.member))};
  }
  if (name == "RUNNING_VMS") return {std::to_string(share.running_vms)};
  // Free capacity by what is charged; reports of the node may lag behind.
  if (name == "FREE_CPU") return {std::to_string(share.max_cpu - share.cpu_usage)};
  if (name == "FREE_MEMORY") return {std::to_string(share.max_mem - share.mem_usage)};
  return of_path(share.datastores, name);
}

Values of_host(const Host& host, std::string_view name) {
  if (name == "CURRENT_VMS") return of_ids(host.vms);
  if (name == "ID") return {std::to_string(host.id.value)};
  if (name == "NAME") return {host.name};
  if (name == "STATE") return {std::to_string(static_cast<int>(host.state))};
  if (name == "IM_MAD") return {host.im_mad};
  if (name == "VM_MAD") return {host.vm_mad};
  if (name == "CLUSTER_ID") return {std::to_string(host.cluster_id.value)};
  if (name == "CLUSTER") return {host.cluster};
  return {};
}

/// The path without the prefix when it begins with it.
std::string_view below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) ? path.substr(prefix.size()) : std::string_view();
}

std::string_view without_root(std::string_view path, std::string_view root) {
  const std::string_view rest = below(path, root);
  return rest.empty() ? path : rest;
}

}  // namespace

Facts host_facts(const Host& host, const Cluster* cluster) {
  return [&host, cluster](std::string_view asked) -> Values {
    const std::string_view name = without_root(asked, "/HOST/");
    if (const auto rest = below(name, "TEMPLATE/"); !rest.empty()) {
      return of_path(host.attributes, rest);
    }
    if (const auto rest = below(name, "HOST_SHARE/"); !rest.empty()) {
      return of_share(host.share, without_root(rest, "DATASTORES/"));
    }
    if (Values own = of_host(host, name); !own.empty() || name == "CURRENT_VMS") return own;
    if (Values values = of_path(host.attributes, name); !values.empty()) return values;
    if (Values values = of_share(host.share, name); !values.empty()) return values;
    if (!cluster) return {};
    return of_path(cluster->attributes, without_root(name, "CLUSTER_TEMPLATE/"));
  };
}

Facts datastore_facts(const Datastore& datastore) {
  return [&datastore](std::string_view asked) -> Values {
    const std::string_view name = without_root(asked, "/DATASTORE/");
    if (name == "CLUSTERS/ID" || name == "CLUSTER_ID") return of_ids(datastore.clusters);
    if (name == "ID") return {std::to_string(datastore.id.value)};
    if (name == "NAME") return {datastore.name};
    if (name == "FREE_MB") return {std::to_string(datastore.free_mb)};
    if (name == "TOTAL_MB") return {std::to_string(datastore.total_mb)};
    if (name == "USED_MB") return {std::to_string(datastore.used_mb)};
    if (name == "TM_MAD") return {datastore.tm_mad};
    return of_path(datastore.attributes, without_root(name, "TEMPLATE/"));
  };
}

long long free_leases(const VirtualNetwork& network) {
  long long size = 0;
  for (const AddressRange& range : network.address_ranges.ranges) size += range.size();
  return size - network.used_leases;
}

Facts network_facts(const VirtualNetwork& network) {
  return [&network](std::string_view asked) -> Values {
    const std::string_view name = without_root(asked, "/VNET/");
    if (name == "CLUSTERS/ID" || name == "CLUSTER_ID") return of_ids(network.clusters);
    if (name == "ID") return {std::to_string(network.id.value)};
    if (name == "NAME") return {network.name};
    if (name == "VN_MAD") return {network.vn_mad};
    if (name == "BRIDGE") return {network.bridge};
    if (name == "USED_LEASES") return {std::to_string(network.used_leases)};
    if (name == "FREE_LEASES") return {std::to_string(free_leases(network))};
    return of_path(network.attributes, without_root(name, "TEMPLATE/"));
  };
}

}  // namespace nubo
