// SPDX-License-Identifier: Apache-2.0
// Host: a node that runs VMs, with what it has and what of it is charged (sheets xml.md §3.2,
// vm-lifecycle.md §3.4, §6.1). CPU in hundredths of a core, memory in KB.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "model/object_type.h"
#include "text/fields.h"

namespace nubo {

enum class HostState : int {
  init = 0,
  monitored = 2,
  error = 3,
  disabled = 4,
  offline = 8,
};

/// A node: CORE*, HUGEPAGE*, MEMORY, NODE_ID.
struct NumaNodes {
  std::vector<Template> nodes;

  bool operator==(const NumaNodes&) const = default;

  template <class S = NumaNodes>
  static constexpr auto fields() {
    return std::tuple{Field{"NODE", &S::nodes}};
  }
};

struct HostShare {
  long long mem_usage = 0;
  long long cpu_usage = 0;
  long long total_mem = 0;
  long long total_cpu = 0;
  long long max_mem = 0;
  long long max_cpu = 0;
  int running_vms = 0;
  int vms_thread = 1;
  Template datastores;   // DISK_USAGE, FREE_DISK, MAX_DISK, USED_DISK, DS* (MB)
  Template pci_devices;  // PCI*
  NumaNodes numa_nodes;

  bool operator==(const HostShare&) const = default;

  template <class S = HostShare>
  static constexpr auto fields() {
    return std::tuple{Field{"MEM_USAGE", &S::mem_usage},     Field{"CPU_USAGE", &S::cpu_usage},
                      Field{"TOTAL_MEM", &S::total_mem},     Field{"TOTAL_CPU", &S::total_cpu},
                      Field{"MAX_MEM", &S::max_mem},         Field{"MAX_CPU", &S::max_cpu},
                      Field{"RUNNING_VMS", &S::running_vms}, Field{"VMS_THREAD", &S::vms_thread},
                      Field{"DATASTORES", &S::datastores},   Field{"PCI_DEVICES", &S::pci_devices},
                      Field{"NUMA_NODES", &S::numa_nodes}};
  }
};

struct Host {
  static constexpr ObjectType type = ObjectType::host;
  static constexpr const char* root = "HOST";
  static constexpr const char* pool_root = "HOST_POOL";
  static constexpr const char* table = "host_pool";

  HostId id;
  std::string name;
  HostState state = HostState::init;
  std::string im_mad;
  std::string vm_mad;
  ClusterId cluster_id;
  std::string cluster;
  HostShare share;
  IdSet<VmTag> vms;
  Template attributes;

  bool operator==(const Host&) const = default;

  template <class S = Host>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id},
                      Field{"NAME", &S::name},
                      Field{"STATE", &S::state},
                      Field{"PREV_STATE", &S::state},  // equal in all stored documents
                      Field{"IM_MAD", &S::im_mad, cdata},
                      Field{"VM_MAD", &S::vm_mad, cdata},
                      Field{"CLUSTER_ID", &S::cluster_id},
                      Field{"CLUSTER", &S::cluster},
                      Field{"HOST_SHARE", &S::share},
                      Field{"VMS", &S::vms},
                      Field{"TEMPLATE", &S::attributes}};
  }
};

}  // namespace nubo
