// SPDX-License-Identifier: Apache-2.0
// The guests of a node as one call to libvirt tells them, and the events' texts made of them. Any
// thread; read_guests() blocks as long as libvirt does.
#pragma once

#include <libvirt/libvirt.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "vmm_kvm/libvirt_domain.h"

namespace nubo::kvm {

struct GuestUse {
  unsigned long long cpu_ns = 0;  // processor time since its start
  long long memory_kib = 0;
  unsigned long long net_rx = 0, net_tx = 0;           // bytes since its start
  unsigned long long disk_read = 0, disk_written = 0;  // bytes
  unsigned long long disk_reads = 0, disk_writes = 0;  // requests
};

struct Guest {
  std::string name;
  std::string uuid;
  DomainState state;
  GuestUse use;
  std::string xml;  // only of those that are not ours

  /// The VM's id when the guest is one of ours ("one-12").
  std::optional<int> vm_id() const;
};

/// All running guests.
Result<std::vector<Guest>> read_guests(virConnectPtr connection);

/// "one-12" → 12
std::optional<int> vm_id_of(std::string_view domain_name);

/// Lines `VM=[ID, DEPLOY_ID, STATE]` of ours.
std::string states_text(const std::vector<Guest>& guests);
/// Lines `VM=[ID="-1", DEPLOY_ID, VM_NAME, IMPORT_TEMPLATE]` of those that are not ours.
std::string wilds_text(const std::vector<Guest>& guests, const std::string& hypervisor);

/// Turns counters into lines `VM=[ID, CPU, MEMORY, …]`: CPU is percent of one processor between two
/// calls. One thread.
class UseReport {
 public:
  std::string text(const std::vector<Guest>& guests, SteadyTime now);

 private:
  struct Sample {
    unsigned long long cpu_ns = 0;
    SteadyTime at{};
  };

  std::map<std::string, Sample> last_;  // by UUID
};

}  // namespace nubo::kvm
