// SPDX-License-Identifier: Apache-2.0
// What the parts of the domain XML share: where an attribute's value comes from, and the facts that
// several parts need. One Domain is made per file; the write_* functions append their elements in
// the order of the sheet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vmm_kvm/libvirt_xml.h"
#include "vmm_kvm/libvirt_xml_writer.h"

namespace nubo::kvm {

/// The sources of attributes, first one first: VM, host, cluster, defaults file.
class Sources {
 public:
  explicit Sources(const DomainRequest& request);

  /// The first value that is not empty of a single attribute, or "".
  std::string get(std::string_view name) const;
  /// The same of a key inside a vector attribute.
  std::string get(std::string_view vector, std::string_view key) const;
  bool yes(std::string_view vector, std::string_view key) const;

  /// As get(), but only what the site sets: host, cluster, defaults file.
  std::string site(std::string_view name) const;
  std::string site(std::string_view vector, std::string_view key) const;

  const Template& vm() const { return templates_[0]; }

  const Template& cluster() const { return templates_[2]; }

  const Template& defaults() const { return templates_[3]; }

 private:
  std::vector<Template> templates_;
};

struct Domain {
  explicit Domain(const DomainRequest& request);

  const DomainRequest& request;
  Sources sources;
  int vm_id;
  std::string vcpus;  // VCPU as text; empty when the VM does not say
  int io_threads;
  bool is_pcie;  // machine with PCI Express and no IDE: q35, virt
  bool is_aarch64;
  Template datastore;  // of the system datastore
  std::vector<std::string> warnings;
  int next_io_thread = 1;

  /// Path of a file beside the VM's disks.
  std::string file(std::string_view name) const;
  /// The io threads in turn, from 1; "" without any.
  std::string take_io_thread();
  /// `value`, with "auto" turned into the number of virtual CPUs.
  std::string queues(const std::string& value) const;
  /// Whether OS/FIRMWARE is the path of an image (neither empty, BIOS nor UEFI).
  bool has_firmware_path() const;
};

std::string upper(std::string_view text);
/// Words between separators; empty ones are dropped.
std::vector<std::string> split(std::string_view text, std::string_view separators);

void write_vcpus(DomainWriter& out, const Domain& domain);
void write_memory(DomainWriter& out, const Domain& domain);
void write_cpu(DomainWriter& out, const Domain& domain);
void write_numa_tune(DomainWriter& out, const Domain& domain);
void write_disks(DomainWriter& out, Domain& domain);
void write_nics(DomainWriter& out, const Domain& domain);
void write_graphics(DomainWriter& out, Domain& domain);
void write_host_devices(DomainWriter& out, Domain& domain);
void write_pci_controllers(DomainWriter& out, const Domain& domain);
void write_tpm(DomainWriter& out, const Domain& domain);
void write_memory_backing(DomainWriter& out, const Domain& domain);
void write_features(DomainWriter& out, const Domain& domain);
void write_guest_agent(DomainWriter& out, const Domain& domain);
void write_memory_encryption(DomainWriter& out, Domain& domain);

}  // namespace nubo::kvm
