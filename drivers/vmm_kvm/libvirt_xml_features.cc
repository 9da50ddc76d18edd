// SPDX-License-Identifier: Apache-2.0
// What is neither a processor nor a bus: features, clock, guest agent, TPM, memory backing and
// encryption.
#include <algorithm>

#include "base/numbers.h"
#include "vmm_kvm/libvirt_xml_parts.h"

namespace nubo::kvm {
namespace {

constexpr long long default_tune_offset_mib = 256;

void write_hyperv(DomainWriter& out, const Sources& sources) {
  out.open("hyperv");
  const std::string options = sources.site("HYPERV_OPTIONS");
  if (!options.empty()) out.raw(options);
  out.close();
}

void write_clock(DomainWriter& out, const Sources& sources, bool has_hyperv) {
  const bool is_local = sources.yes("FEATURES", "LOCALTIME");
  if (!is_local && !has_hyperv) return;
  out.open("clock", {{"offset", is_local ? "localtime" : "utc"}});
  const std::string timers = sources.site("HYPERV_TIMERS");
  if (!timers.empty()) out.raw(timers);
  out.close();
}

}  // namespace

void write_tpm(DomainWriter& out, const Domain& domain) {
  const std::string model = domain.sources.get("TPM", "MODEL");
  if (model.empty()) return;
  out.open("tpm", {{"model", model}});
  out.empty("backend", {{"type", "emulator"}, {"version", "2.0"}});
  out.close();
}

void write_memory_backing(DomainWriter& out, const Domain& domain) {
  const auto page = parse_number<long long>(domain.sources.get("TOPOLOGY", "HUGEPAGE_SIZE"));
  const std::vector<const Vector*> disks = domain.sources.vm().vectors("DISK");
  const bool shares_files = std::ranges::any_of(
      disks, [](const Vector* disk) { return upper(disk->get("TYPE")) == "FILESYSTEM"; });
  if (!page && !shares_files) return;
  out.open("memoryBacking");
  if (page) {
    out.open("hugepages");
    out.empty("page", {{"size", std::to_string(*page * 1024)}});
    out.close();
  } else {
    out.empty("source", {{"type", "memfd"}});
  }
  if (shares_files) out.empty("access", {{"mode", "shared"}});
  out.close();
}

void write_features(DomainWriter& out, const Domain& domain) {
  const Sources& sources = domain.sources;
  const bool pae = sources.yes("FEATURES", "PAE");
  const bool acpi = sources.yes("FEATURES", "ACPI");
  const bool apic = sources.yes("FEATURES", "APIC");
  const bool hyperv = sources.yes("FEATURES", "HYPERV");
  const bool smm = sources.yes("OS", "FIRMWARE_SECURE");
  const std::string gic = sources.get("FEATURES", "GIC");
  if (pae || acpi || apic || hyperv || smm || !gic.empty()) {
    out.open("features");
    if (pae) out.empty("pae");
    if (acpi && (!domain.is_aarch64 || domain.has_firmware_path())) out.empty("acpi");
    if (apic) out.empty("apic");
    if (hyperv) write_hyperv(out, sources);
    if (smm) out.empty("smm", {{"state", "on"}});
    if (!gic.empty()) out.empty("gic", {{"version", gic}});
    if (sources.yes("FEATURES", "RAS")) out.empty("ras", {{"state", "on"}});
    out.close();
  }
  write_clock(out, sources, hyperv);
}

void write_guest_agent(DomainWriter& out, const Domain& domain) {
  if (!domain.sources.yes("FEATURES", "GUEST_AGENT")) return;
  out.open("devices");
  out.open("channel", {{"type", "unix"}});
  out.empty("source", {{"mode", "bind"}});
  out.empty("target", {{"type", "virtio"}, {"name", "org.qemu.guest_agent.0"}});
  out.close();
  out.close();
}

void write_memory_encryption(DomainWriter& out, Domain& domain) {
  const Template& vm = domain.sources.vm();
  const std::string type = domain.sources.get("MEMORY_ENCRYPTION", "TYPE");
  if (type.empty()) return;
  if (type != "SEV" && type != "SEV-ES") {
    domain.warnings.push_back(fmt::format("memory encryption of type {} is left out", type));
    return;
  }
  out.open("launchSecurity", {{"type", "sev"}});
  out.text("policy", type == "SEV" ? "0x00000003" : "0x00000007");
  out.close();
  const long long limit =
      vm.number<long long>("MEMORY").value_or(0) +
      vm.number<long long>("MEMORY_TUNE_OFFSET").value_or(default_tune_offset_mib);
  out.open("memtune");
  out.text("hard_limit", std::to_string(limit), {{"unit", "MiB"}});
  out.close();
}

}  // namespace nubo::kvm
