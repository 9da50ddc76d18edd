// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/libvirt_xml.h"

#include <algorithm>

#include "vmm_kvm/libvirt_xml_parts.h"

namespace nubo::kvm {
namespace {

void write_name(DomainWriter& out, const Domain& domain) {
  out.text("name", domain_name(domain.vm_id));
  out.text("title", domain.request.vm.get("NAME"));
  const std::string uuid = domain.sources.get("OS", "UUID");
  if (!uuid.empty()) out.text("uuid", uuid);
}

void write_boot_files(DomainWriter& out, const Sources& sources) {
  const std::string kernel = sources.get("OS", "KERNEL");
  if (kernel.empty()) {
    const std::string loader = sources.get("OS", "BOOTLOADER");
    if (!loader.empty()) out.text("bootloader", loader);
    return;
  }
  out.text("kernel", kernel);
  const std::string initrd = sources.get("OS", "INITRD");
  if (!initrd.empty()) out.text("initrd", initrd);
  const std::string root = sources.get("OS", "ROOT");
  std::string line = root.empty() ? "" : "root=/dev/" + root + " ";
  line += sources.get("OS", "KERNEL_CMD");
  if (!line.empty()) out.text("cmdline", line);
}

void write_firmware(DomainWriter& out, const Domain& domain, const std::string& firmware) {
  const bool is_secure = domain.sources.yes("OS", "FIRMWARE_SECURE");
  if (upper(firmware) == "UEFI") {
    out.open("firmware");
    out.empty("feature", {{"enabled", is_secure ? "yes" : "no"}, {"name", "secure-boot"}});
    out.close();
  } else if (domain.has_firmware_path()) {
    out.text("loader", firmware,
             {{"readonly", "yes"}, {"type", "pflash"}, {"secure", is_secure ? "yes" : "no"}});
    const bool is_qcow2 = domain.sources.get("OS", "FIRMWARE_FORMAT") == "qcow2";
    out.text("nvram", domain.file(domain.request.vm.get("NAME") + "_VARS.fd"),
             {{"format", is_qcow2 ? "qcow2" : ""}});
  }
}

Status check_firmware(const Domain& domain, const std::string& firmware) {
  const std::vector<std::string> known = split(domain.sources.site("OVMF_UEFIS"), " ,\"\n");
  if (!domain.has_firmware_path() || known.empty()) return ok();
  if (std::ranges::count(known, firmware) > 0) return ok();
  return fail(Code::action, "VM {}: firmware {} is not one of OVMF_UEFIS", domain.vm_id, firmware);
}

Status write_os(DomainWriter& out, const Domain& domain) {
  const Sources& sources = domain.sources;
  const std::string arch = sources.get("OS", "ARCH");
  if (arch.empty()) {
    return fail(Code::action, "VM {}: OS/ARCH is not set, nor is there a default", domain.vm_id);
  }
  const std::string firmware = sources.get("OS", "FIRMWARE");
  NUBO_CHECK(check_firmware(domain, firmware));
  out.open("os", {{"firmware", upper(firmware) == "UEFI" ? "efi" : ""}});
  out.text("type", "hvm", {{"arch", arch}, {"machine", sources.get("OS", "MACHINE")}});
  write_boot_files(out, sources);
  write_firmware(out, domain, firmware);
  out.close();
  if (domain.has_firmware_path() && !domain.is_aarch64) {
    out.open("pm");
    out.empty("suspend-to-disk", {{"enabled", "no"}});
    out.empty("suspend-to-mem", {{"enabled", "no"}});
    out.close();
  }
  return ok();
}

void write_devices(DomainWriter& out, Domain& domain) {
  out.open("devices");
  const std::string emulator = domain.sources.get("EMULATOR");
  if (!emulator.empty()) out.text("emulator", emulator);
  write_disks(out, domain);
  write_nics(out, domain);
  write_graphics(out, domain);
  write_host_devices(out, domain);
  write_pci_controllers(out, domain);
  write_tpm(out, domain);
  out.close();
}

void write_raw(DomainWriter& out, const Sources& sources) {
  for (const Vector* raw : sources.vm().vectors("RAW")) {
    if (upper(raw->get("TYPE")) == "KVM") out.raw(raw->get("DATA"));
  }
  const std::string site =
      sources.site("RAW", "DATA").empty() ? sources.site("RAW") : sources.site("RAW", "DATA");
  if (!site.empty()) out.raw(site);
}

std::string pci_device_list(const Template& vm) {
  std::string list;
  for (const Vector* device : vm.vectors("PCI")) {
    if (!list.empty()) list += ',';
    list +=
        fmt::format("{}:{}:{}", device->get("VENDOR"), device->get("DEVICE"), device->get("CLASS"));
  }
  std::ranges::transform(list, list.begin(), [](unsigned char c) { return std::tolower(c); });
  return list;
}

void write_metadata(DomainWriter& out, const Domain& domain) {
  const XmlNode& vm = domain.request.vm;
  out.open("metadata");
  out.open("one:vm", {{"xmlns:one", "http://opennebula.org/xmlns/libvirt/1.0"}});
  out.text("one:system_datastore", domain.request.system_dir);
  out.text("one:name", vm.get("NAME"));
  out.text("one:uname", vm.get("UNAME"));
  out.text("one:uid", vm.get("UID"));
  out.text("one:gname", vm.get("GNAME"));
  out.text("one:gid", vm.get("GID"));
  out.text("one:opennebula_version", domain.request.version);
  out.text("one:stime", vm.get("STIME"));
  out.text("one:deployment_time", std::to_string(domain.request.now.count()));
  out.text("one:pci_devices", pci_device_list(domain.sources.vm()));
  out.close();
  out.close();
}

}  // namespace

std::string domain_name(int vm_id) { return fmt::format("one-{}", vm_id); }

Result<DomainXml> domain_xml(const DomainRequest& request) {
  Domain domain(request);
  DomainWriter out;
  out.open("domain", {{"type", request.hypervisor},
                      {"xmlns:qemu", "http://libvirt.org/schemas/domain/qemu/1.0"}});
  write_name(out, domain);
  write_vcpus(out, domain);
  write_memory(out, domain);
  NUBO_CHECK(write_os(out, domain));
  write_cpu(out, domain);
  write_numa_tune(out, domain);
  if (domain.io_threads > 0) out.text("iothreads", std::to_string(domain.io_threads));
  write_devices(out, domain);
  write_memory_backing(out, domain);
  write_features(out, domain);
  write_guest_agent(out, domain);
  write_memory_encryption(out, domain);
  write_raw(out, domain.sources);
  write_metadata(out, domain);
  out.close();
  return DomainXml{out.take(), std::move(domain.warnings)};
}

}  // namespace nubo::kvm
