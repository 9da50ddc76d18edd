// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/libvirt_changes.h"

#include <algorithm>
#include <array>

#include "text/xml_reader.h"

namespace nubo::kvm {
namespace {

Failure failure(const DomainId& id, std::string_view what) {
  return libvirt_failure(fmt::format("{} of {}", what, id.title()));
}

struct FreeSnapshot {
  void operator()(virDomainSnapshotPtr snapshot) const { virDomainSnapshotFree(snapshot); }
};

using SnapshotHandle = std::unique_ptr<virDomainSnapshot, FreeSnapshot>;

bool is_the_device(const XmlNode& node, const DeviceId& device) {
  if (device.kind == DeviceId::Kind::disk) {
    return node.child("target").attribute("dev") == device.value;
  }
  return node.child("mac").attribute("address") == device.value;
}

/// The alias of a device that the domain has; nothing when it has none such.
Result<std::optional<std::string>> find_device(virDomainPtr domain, const DomainId& id,
                                               const DeviceId& device) {
  const TextPtr xml(virDomainGetXMLDesc(domain, 0));
  if (!xml) return failure(id, "cannot read the devices");
  NUBO_TRY(const XmlDocument document, XmlDocument::parse(xml.get()));
  const bool disk = device.kind == DeviceId::Kind::disk;
  for (const XmlNode& node :
       document.root().child("devices").children(disk ? "disk" : "interface")) {
    if (is_the_device(node, device)) return std::optional(node.child("alias").attribute("name"));
  }
  return std::optional<std::string>();
}

class Parameters {
 public:
  ~Parameters() { virTypedParamsFree(list_, count_); }

  Parameters() = default;
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  void add(const char* name, unsigned value) {
    virTypedParamsAddUInt(&list_, &count_, &capacity_, name, value);
  }

  void add_long(const char* name, unsigned long long value) {
    virTypedParamsAddULLong(&list_, &count_, &capacity_, name, value);
  }

  virTypedParameterPtr list() const { return list_; }

  int count() const { return count_; }

 private:
  virTypedParameterPtr list_ = nullptr;
  int count_ = 0;
  int capacity_ = 0;
};

Result<SnapshotHandle> find_snapshot(const DomainPtr& domain, const DomainId& id,
                                     const std::string& name) {
  SnapshotHandle found(virDomainSnapshotLookupByName(domain.get(), name.c_str(), 0));
  if (found || libvirt_error_code() == VIR_ERR_NO_DOMAIN_SNAPSHOT) return found;
  return failure(id, fmt::format("cannot look for snapshot {}", name));
}

/// Whether the last call failed since the node has no cgroups: then guests have no shares at their
/// start either.
bool node_has_no_shares() {
  constexpr std::array codes{VIR_ERR_OPERATION_INVALID, VIR_ERR_OPERATION_UNSUPPORTED,
                             VIR_ERR_CONFIG_UNSUPPORTED, VIR_ERR_ARGUMENT_UNSUPPORTED,
                             VIR_ERR_NO_SUPPORT};
  return std::ranges::find(codes, virGetLastErrorCode()) != codes.end();
}

}  // namespace

Status attach_device(virConnectPtr connection, const DomainId& id, const DeviceId& device,
                     const std::string& xml) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  NUBO_TRY(const auto there, find_device(domain.get(), id, device));
  if (there) return ok();
  if (virDomainAttachDeviceFlags(domain.get(), xml.c_str(), VIR_DOMAIN_AFFECT_LIVE) == 0) {
    return ok();
  }
  return failure(id, fmt::format("cannot attach {}", device.value));
}

Result<bool> detach_device(virConnectPtr connection, const DomainId& id, const DeviceId& device) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  NUBO_TRY(const auto alias, find_device(domain.get(), id, device));
  if (!alias) return false;
  if (virDomainDetachDeviceAlias(domain.get(), alias->c_str(), VIR_DOMAIN_AFFECT_LIVE) == 0) {
    return true;
  }
  // Asked for already, or gone meanwhile.
  const int code = libvirt_error_code();
  if (code == VIR_ERR_DEVICE_MISSING) return false;
  if (code == VIR_ERR_OPERATION_FAILED) return true;
  return failure(id, fmt::format("cannot detach {}", device.value));
}

Status reload_cd(virConnectPtr connection, const DomainId& id, const std::string& empty_xml,
                 const std::string& xml) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  constexpr unsigned flags =
      unsigned{VIR_DOMAIN_AFFECT_LIVE} | unsigned{VIR_DOMAIN_DEVICE_MODIFY_FORCE};
  for (const std::string* state : {&empty_xml, &xml}) {
    if (virDomainUpdateDeviceFlags(domain.get(), state->c_str(), flags) < 0) {
      return failure(id, "cannot change the context CD");
    }
  }
  return ok();
}

Status resize_domain_disk(virConnectPtr connection, const DomainId& id, const std::string& target,
                          long long size_mb) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  const auto bytes = static_cast<unsigned long long>(size_mb) << 20;
  if (virDomainBlockResize(domain.get(), target.c_str(), bytes, VIR_DOMAIN_BLOCK_RESIZE_BYTES) ==
      0) {
    return ok();
  }
  return failure(id, fmt::format("cannot resize disk {}", target));
}

Status limit_nic(virConnectPtr connection, const DomainId& id, const std::string& device,
                 const Bandwidth& inbound, const Bandwidth& outbound) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  Parameters parameters;
  parameters.add(VIR_DOMAIN_BANDWIDTH_IN_AVERAGE, inbound.average);
  parameters.add(VIR_DOMAIN_BANDWIDTH_IN_PEAK, inbound.peak);
  parameters.add(VIR_DOMAIN_BANDWIDTH_IN_BURST, inbound.burst);
  parameters.add(VIR_DOMAIN_BANDWIDTH_OUT_AVERAGE, outbound.average);
  parameters.add(VIR_DOMAIN_BANDWIDTH_OUT_PEAK, outbound.peak);
  parameters.add(VIR_DOMAIN_BANDWIDTH_OUT_BURST, outbound.burst);
  if (virDomainSetInterfaceParameters(domain.get(), device.c_str(), parameters.list(),
                                      parameters.count(), VIR_DOMAIN_AFFECT_LIVE) == 0) {
    return ok();
  }
  return failure(id, fmt::format("cannot limit NIC {}", device));
}

Status resize_domain(virConnectPtr connection, const DomainId& id, const NewSize& size) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  constexpr unsigned live = VIR_DOMAIN_AFFECT_LIVE;
  const auto give_memory_back = [&domain, &size] {
    if (!size.memory_kib || !size.old_memory_kib) return;
    virDomainSetMemoryFlags(domain.get(), *size.old_memory_kib, VIR_DOMAIN_AFFECT_LIVE);
  };
  if (size.memory_kib && virDomainSetMemoryFlags(domain.get(), *size.memory_kib, live) < 0) {
    return failure(id, "cannot change the memory");
  }
  if (size.vcpus && virDomainSetVcpusFlags(domain.get(), *size.vcpus, live) < 0) {
    auto refused = failure(id, "cannot change the processors");
    give_memory_back();
    return refused;
  }
  if (size.shares == 0) return ok();
  Parameters parameters;
  parameters.add_long(VIR_DOMAIN_SCHEDULER_CPU_SHARES, size.shares);
  const bool is_set = virDomainSetSchedulerParametersFlags(domain.get(), parameters.list(),
                                                           parameters.count(), live) == 0;
  if (is_set || node_has_no_shares()) return ok();
  auto refused = failure(id, "cannot change the CPU shares");
  give_memory_back();
  return refused;
}

Result<std::string> make_snapshot(virConnectPtr connection, const DomainId& id, int snapshot) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  const std::string name = fmt::format("snap-{}", snapshot);
  NUBO_TRY(const SnapshotHandle there, find_snapshot(domain, id, name));
  if (there) return name;
  const std::string xml = fmt::format("<domainsnapshot><name>{}</name></domainsnapshot>", name);
  const SnapshotHandle made(virDomainSnapshotCreateXML(domain.get(), xml.c_str(), 0));
  if (made) return name;
  return failure(id, "cannot make a snapshot");
}

Status revert_to_snapshot(virConnectPtr connection, const DomainId& id, const std::string& name) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  NUBO_TRY(const SnapshotHandle snapshot, find_snapshot(domain, id, name));
  if (!snapshot) return fail(Code::action, "{} has no snapshot {}", id.title(), name);
  constexpr unsigned flags = VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING | VIR_DOMAIN_SNAPSHOT_REVERT_FORCE;
  if (virDomainRevertToSnapshot(snapshot.get(), flags) == 0) return ok();
  return failure(id, fmt::format("cannot revert to snapshot {}", name));
}

Status delete_snapshot(virConnectPtr connection, const DomainId& id, const std::string& name) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  NUBO_TRY(const SnapshotHandle snapshot, find_snapshot(domain, id, name));
  if (!snapshot) return ok();
  if (virDomainSnapshotDelete(snapshot.get(), 0) == 0) return ok();
  return failure(id, fmt::format("cannot delete snapshot {}", name));
}

}  // namespace nubo::kvm
