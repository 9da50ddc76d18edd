// SPDX-License-Identifier: Apache-2.0
// From a VM document to libvirt's domain XML (sheet vm-lifecycle.md §10). Pure: no I/O, no clock.
// The device families have a file each (libvirt_xml_disks.cc …); libvirt_xml_parts.h is what they
// share.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "text/template.h"
#include "text/xml_reader.h"

namespace nubo::kvm {

struct DomainRequest {
  XmlNode vm;                // VM document
  XmlNode host;              // HOST document; may be null
  XmlNode cluster;           // CLUSTER document; may be null
  XmlNode datastore;         // DATASTORE document of the system datastore; may be null
  const Template& defaults;  // the file vmm_exec_kvm.conf
  std::string system_dir;    // directory of the VM's disks on the node
  std::string hypervisor;    // type of the domain: "kvm" or "qemu"
  std::string version;       // goes into the domain's metadata
  EpochSeconds now{};
};

struct DomainXml {
  std::string text;
  std::vector<std::string> warnings;  // what was left out, for the VM's log
};

/// Code::action when the document cannot become a domain (no architecture, firmware that the
/// node's list does not hold).
Result<DomainXml> domain_xml(const DomainRequest& request);

/// One device of the domain by its DISK_ID or NIC_ID, as it is plugged into a guest that runs; ""
/// when the document has none such.
std::string disk_xml(const DomainRequest& request, std::string_view disk_id);
std::string nic_xml(const DomainRequest& request, std::string_view nic_id);

enum class Tray { loaded, empty };

/// The context CD; "" when the document has none.
std::string context_cd_xml(const DomainRequest& request, Tray tray);

/// The domain's weight among others on its node.
long long cpu_shares(const DomainRequest& request);

/// The libvirt name of a VM's domain: "one-12".
std::string domain_name(int vm_id);

}  // namespace nubo::kvm
