// SPDX-License-Identifier: Apache-2.0
// What changes of a guest that runs do to its domain, on an open connection. As libvirt_domain.h:
// every function looks at what is there first, so it may be repeated, and blocks as long as libvirt
// does.
#pragma once

#include <optional>
#include <string>

#include "vmm_kvm/libvirt_domain.h"

namespace nubo::kvm {

/// How a device of a running domain is found: a disk by its target ("sda"), a NIC by its MAC.
struct DeviceId {
  enum class Kind { disk, nic };

  Kind kind = Kind::disk;
  std::string value;
};

/// Plugs the device of that XML; one that is there already is left alone.
Status attach_device(virConnectPtr connection, const DomainId& id, const DeviceId& device,
                     const std::string& xml);
/// Asks for the device to be unplugged. Whether it is still there: the guest decides when.
Result<bool> detach_device(virConnectPtr connection, const DomainId& id, const DeviceId& device);
/// Makes the guest see a changed CD: out, and in again.
Status reload_cd(virConnectPtr connection, const DomainId& id, const std::string& empty_xml,
                 const std::string& xml);
/// Tells the guest, and grows the file, that a disk has that size now.
Status resize_domain_disk(virConnectPtr connection, const DomainId& id, const std::string& target,
                          long long size_mb);

/// Kilobytes a second and kilobytes; 0 lifts a limit.
struct Bandwidth {
  unsigned average = 0;
  unsigned peak = 0;
  unsigned burst = 0;
};

Status limit_nic(virConnectPtr connection, const DomainId& id, const std::string& device,
                 const Bandwidth& inbound, const Bandwidth& outbound);

struct NewSize {
  std::optional<unsigned long> memory_kib;
  std::optional<unsigned long> old_memory_kib;  // to go back to when the processors cannot change
  std::optional<unsigned> vcpus;
  unsigned long long shares = 0;  // of the processor's time; 0 leaves them
};

/// Changes memory, then processors; a failure leaves both as they were.
Status resize_domain(virConnectPtr connection, const DomainId& id, const NewSize& size);

/// The name under which libvirt keeps it.
Result<std::string> make_snapshot(virConnectPtr connection, const DomainId& id, int snapshot);
Status revert_to_snapshot(virConnectPtr connection, const DomainId& id, const std::string& name);
Status delete_snapshot(virConnectPtr connection, const DomainId& id, const std::string& name);

}  // namespace nubo::kvm
