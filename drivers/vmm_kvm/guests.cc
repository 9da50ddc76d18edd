// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/guests.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/numbers.h"
#include "text/template.h"
#include "text/xml_reader.h"

namespace nubo::kvm {
namespace {

constexpr long long kib_per_mib = 1024;

class Stats {
 public:
  explicit Stats(const virDomainStatsRecord& record) : record_(record) {}

  unsigned long long number(const std::string& name) const {
    unsigned long long value = 0;
    int small = 0;
    unsigned int medium = 0;
    const char* key = name.c_str();
    if (virTypedParamsGetULLong(record_.params, record_.nparams, key, &value) == 1) return value;
    if (virTypedParamsGetUInt(record_.params, record_.nparams, key, &medium) == 1) return medium;
    if (virTypedParamsGetInt(record_.params, record_.nparams, key, &small) == 1 && small > 0) {
      return static_cast<unsigned long long>(small);
    }
    return 0;
  }

  /// The sum over the members of a list: block.0.rd.bytes + block.1.rd.bytes …
  unsigned long long sum(const std::string& list, const std::string& field) const {
    unsigned long long total = 0;
    for (unsigned long long i = 0; i < number(list + ".count"); ++i) {
      total += number(fmt::format("{}.{}.{}", list, i, field));
    }
    return total;
  }

 private:
  const virDomainStatsRecord& record_;
};

Guest guest_of(const virDomainStatsRecord& record) {
  const Stats stats(record);
  Guest guest;
  char uuid[VIR_UUID_STRING_BUFLEN] = {};
  virDomainGetUUIDString(record.dom, uuid);
  guest.uuid = uuid;
  guest.name = virDomainGetName(record.dom);
  guest.state = {static_cast<int>(stats.number("state.state")),
                 static_cast<int>(stats.number("state.reason"))};
  const unsigned long long resident = stats.number("balloon.rss");
  guest.use = {.cpu_ns = stats.number("cpu.time"),
               .memory_kib = static_cast<long long>(resident > 0 ? resident
                                                                 : stats.number("balloon.current")),
               .net_rx = stats.sum("net", "rx.bytes"),
               .net_tx = stats.sum("net", "tx.bytes"),
               .disk_read = stats.sum("block", "rd.bytes"),
               .disk_written = stats.sum("block", "wr.bytes"),
               .disk_reads = stats.sum("block", "rd.reqs"),
               .disk_writes = stats.sum("block", "wr.reqs")};
  if (!guest.vm_id()) {
    const TextPtr xml(virDomainGetXMLDesc(record.dom, 0));
    if (xml) guest.xml = xml.get();
  }
  return guest;
}

struct FreeRecords {
  void operator()(virDomainStatsRecordPtr* records) const { virDomainStatsRecordListFree(records); }
};

// What oned's user needs to take such a guest over.
std::string import_template(const Guest& guest, const std::string& hypervisor) {
  const auto document = XmlDocument::parse(guest.xml);
  if (!document) return {};
  const XmlNode domain = document->root();
  const long long kib = parse_number<long long>(domain.get("memory")).value_or(0);
  const XmlNode graphics = domain.child("devices").child("graphics");
  Template made;
  made.add("NAME", guest.name);
  made.add("CPU", domain.get("vcpu"));
  made.add("VCPU", domain.get("vcpu"));
  made.add("MEMORY", std::to_string(kib / kib_per_mib));
  made.add("HYPERVISOR", hypervisor);
  made.add("DEPLOY_ID", guest.uuid);
  made.add("OS", Vector{{"ARCH", domain.child("os").child("type").attribute("arch")}});
  const XmlNode features = domain.child("features");
  made.add("FEATURES", Vector{{"ACPI", features.child("acpi") ? "yes" : "no"},
                              {"PAE", features.child("pae") ? "yes" : "no"}});
  if (graphics) {
    made.add("GRAPHICS", Vector{{"TYPE", graphics.attribute("type")},
                                {"PORT", graphics.attribute("port")},
                                {"LISTEN", graphics.attribute("listen")}});
  }
  return to_text(made);
}

}  // namespace

std::optional<int> vm_id_of(std::string_view domain_name) {
  constexpr std::string_view prefix = "one-";
  if (!domain_name.starts_with(prefix)) return {};
  const auto id = parse_number<int>(domain_name.substr(prefix.size()));
  return id && *id >= 0 ? id : std::nullopt;
}

std::optional<int> Guest::vm_id() const { return vm_id_of(name); }

Result<std::vector<Guest>> read_guests(virConnectPtr connection) {
  constexpr unsigned kinds = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_CPU_TOTAL |
                             VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_INTERFACE |
                             VIR_DOMAIN_STATS_BLOCK;
  // A guest whose QEMU is busy or hangs must not hold the report of the others.
  constexpr unsigned flags =
      VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
  virDomainStatsRecordPtr* list = nullptr;
  const int count = virConnectGetAllDomainStats(connection, kinds, &list, flags);
  if (count < 0) return libvirt_failure("cannot list the guests");
  const std::unique_ptr<virDomainStatsRecordPtr, FreeRecords> owner(list);
  std::vector<Guest> guests;
  for (int i = 0; i < count; ++i) guests.push_back(guest_of(*list[i]));
  return guests;
}

std::string states_text(const std::vector<Guest>& guests) {
  Template text;
  for (const Guest& guest : guests) {
    const auto id = guest.vm_id();
    if (!id) continue;
    text.add("VM", Vector{{"ID", std::to_string(*id)},
                          {"DEPLOY_ID", guest.uuid},
                          {"STATE", monitor_state(guest.state)}});
  }
  return to_text(text);
}

std::string wilds_text(const std::vector<Guest>& guests, const std::string& hypervisor) {
  Template text;
  for (const Guest& guest : guests) {
    if (guest.vm_id()) continue;
    text.add("VM", Vector{{"ID", "-1"},
                          {"DEPLOY_ID", guest.uuid},
                          {"VM_NAME", guest.name},
                          {"IMPORT_TEMPLATE", base64_encode(import_template(guest, hypervisor))}});
  }
  return to_text(text);
}

std::string UseReport::text(const std::vector<Guest>& guests, SteadyTime now) {
  Template text;
  std::map<std::string, Sample> samples;
  for (const Guest& guest : guests) {
    const auto id = guest.vm_id();
    if (!id) continue;
    const GuestUse& use = guest.use;
    samples[guest.uuid] = {use.cpu_ns, now};
    const auto last = last_.find(guest.uuid);
    double percent = 0;
    if (last != last_.end() && now > last->second.at && use.cpu_ns >= last->second.cpu_ns) {
      const double ns_passed = static_cast<double>((now - last->second.at).count()) * 1e6;
      percent = static_cast<double>(use.cpu_ns - last->second.cpu_ns) / ns_passed * 100;
    }
    text.add("VM", Vector{{"ID", std::to_string(*id)},
                          {"CPU", fmt::format("{:.2f}", percent)},
                          {"MEMORY", std::to_string(use.memory_kib)},
                          {"NETRX", std::to_string(use.net_rx)},
                          {"NETTX", std::to_string(use.net_tx)},
                          {"DISKRDBYTES", std::to_string(use.disk_read)},
                          {"DISKWRBYTES", std::to_string(use.disk_written)},
                          {"DISKRDIOPS", std::to_string(use.disk_reads)},
                          {"DISKWRIOPS", std::to_string(use.disk_writes)}});
  }
  last_ = std::move(samples);
  return to_text(text);
}

}  // namespace nubo::kvm
