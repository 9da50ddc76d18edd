// SPDX-License-Identifier: Apache-2.0
#include "flow/context.h"

#include <algorithm>
#include <array>

#include "flow/variables.h"
#include "text/trim.h"

namespace nubo {
namespace {

/// ETH0_<name> and where its value is: in the NIC under `key` or `otherwise`, else, when it is a
/// fact of the network, in the address range or the network under `key`.
struct NicValue {
  const char* name;
  const char* key;
  const char* otherwise = nullptr;
  bool of_network = false;
};

constexpr std::array nic_values{NicValue{"IP", "IP"},
                                NicValue{"MAC", "MAC"},
                                NicValue{"MASK", "NETWORK_MASK", nullptr, true},
                                NicValue{"NETWORK", "NETWORK_ADDRESS", nullptr, true},
                                NicValue{"GATEWAY", "GATEWAY", nullptr, true},
                                NicValue{"DNS", "DNS", nullptr, true},
                                NicValue{"SEARCH_DOMAIN", "SEARCH_DOMAIN", nullptr, true},
                                NicValue{"MTU", "GUEST_MTU", nullptr, true},
                                NicValue{"METRIC", "METRIC", nullptr, true},
                                NicValue{"METHOD", "METHOD", nullptr, true},
                                NicValue{"ROUTES", "ROUTES", nullptr, true},
                                NicValue{"IP6", "IP6_GLOBAL", "IP6"},
                                NicValue{"IP6_ULA", "IP6_ULA"},
                                NicValue{"IP6_GATEWAY", "GATEWAY6", nullptr, true},
                                NicValue{"IP6_METRIC", "IP6_METRIC", nullptr, true},
                                NicValue{"IP6_METHOD", "IP6_METHOD", nullptr, true},
                                NicValue{"IP6_PREFIX_LENGTH", "PREFIX_LENGTH", nullptr, true},
                                NicValue{"VROUTER_IP", "VROUTER_IP"},
                                NicValue{"VROUTER_IP6", "VROUTER_IP6_GLOBAL", "VROUTER_IP6"},
                                NicValue{"VROUTER_MANAGEMENT", "VROUTER_MANAGEMENT"},
                                NicValue{"EXTERNAL", "EXTERNAL"},
                                NicValue{"VLAN_ID", "VLAN_ID", nullptr, true}};

constexpr std::array router_attributes{"VROUTER_ID", "VROUTER_KEEPALIVED_ID",
                                       "VROUTER_KEEPALIVED_PASSWORD"};

std::string network_fact(const VirtualNetwork& network, const Vector& nic, const char* key) {
  for (const AddressRange& range : network.address_ranges.ranges) {
    const bool is_used = range.attributes.get("AR_ID") == nic.get("AR_ID");
    if (is_used && !range.attributes.get(key).empty()) return range.attributes.get(key);
  }
  return network.attributes.get(key);
}

std::string value_for(const NicValue& row, const Vector& nic, const VirtualNetwork* network) {
  if (!nic.get(row.key).empty()) return nic.get(row.key);
  if (row.otherwise) return nic.get(row.otherwise);
  return row.of_network && network ? network_fact(*network, nic, row.key) : "";
}

enum class Empty { written, left_out };

void add_nic(Vector& values, const std::string& prefix, const Vector& nic, const Snapshot& world,
             Empty empty) {
  const auto id = nic.number<int>("NETWORK_ID");
  // The scheduler has not chosen its network yet.
  if (!id && upper_case(nic.get("NETWORK_MODE")) == "AUTO") return;
  const auto network = id ? world.find<VirtualNetwork>(VirtualNetworkId{*id}) : nullptr;
  for (const NicValue& row : nic_values) {
    std::string value = value_for(row, nic, network.get());
    if (!value.empty() || empty == Empty::written) values.set(prefix + row.name, std::move(value));
  }
}

void add_nics(Vector& values, const Vm& vm, const Snapshot& world) {
  for (const Vector* nic : vm.system.vectors("NIC")) {
    add_nic(values, fmt::format("ETH{}_", nic->get("NIC_ID")), *nic, world, Empty::written);
  }
  for (const Vector* alias : vm.system.vectors("NIC_ALIAS")) {
    const std::string prefix =
        fmt::format("ETH{}_ALIAS{}_", alias->get("PARENT_ID"), alias->get("ALIAS_ID"));
    add_nic(values, prefix, *alias, world, Empty::written);
  }
  for (const Vector* pci : vm.system.vectors("PCI")) {
    if (upper_case(pci->get("TYPE")) != "NIC") continue;
    add_nic(values, fmt::format("PCI{}_", pci->get("PCI_ID")), *pci, world, Empty::left_out);
  }
}

std::string file_list(const std::vector<Ptr<Image>>& files) {
  std::string list;
  for (const Ptr<Image>& file : files) list += fmt::format("{}:'{}' ", file->source, file->name);
  return list;
}

Result<std::string> substituted(const std::string& key, const std::string& value, const Vm& vm,
                                const Snapshot& world) {
  if (key != "FILES_DS") return substitute_variables(value, vm, world);
  NUBO_TRY(const auto files, named_files(value, ImageType::context, vm, world));
  return file_list(files);
}

}  // namespace

Result<Vector> substituted_context(const Draft& draft, const Vm& vm, const Vector& given) {
  Vector values;
  for (const auto& [key, value] : given) {
    NUBO_TRY(std::string result, substituted(key, value, vm, draft.view()));
    values.set(key, std::move(result));
  }
  return values;
}

Status set_context(const Draft& draft, Vm& vm) {
  const Vector* given = vm.system.vector("CONTEXT");
  if (!given) return ok();
  if (given->yes("TOKEN")) {
    return fail(Code::internal, "CONTEXT/TOKEN needs a OneGate server, and none is configured");
  }
  NUBO_TRY(Vector values, substituted_context(draft, vm, *given));
  vm.system.set("CONTEXT", std::move(values));
  set_device_context(draft.view(), vm);
  return ok();
}

void set_device_context(const Snapshot& world, Vm& vm) {
  Vector* const values = vm.system.vector("CONTEXT");
  if (!values) return;
  if (values->yes("NETWORK")) add_nics(*values, vm, world);
  for (const Vector* pci : vm.system.vectors("PCI")) {
    values->set(fmt::format("PCI{}_ADDRESS", pci->get("PCI_ID")), pci->get("VM_ADDRESS"));
  }
  for (const Vector* disk : vm.system.vectors("DISK")) {
    if (upper_case(disk->get("TYPE")) != "FILESYSTEM") continue;
    for (const char* key : {"MOUNT_TAG", "MOUNT_POINT"}) {
      values->set(fmt::format("DISK{}_{}", disk->get("DISK_ID"), key), disk->get(key));
    }
  }
  for (const char* name : router_attributes) {
    if (vm.system.contains(name)) values->set(name, vm.system.get(name));
  }
}

std::string context_files(const Vm& vm) {
  const Vector* values = vm.system.vector("CONTEXT");
  if (!values) return {};
  return std::string(trimmed(values->get("FILES") + " " + values->get("FILES_DS")));
}

std::string context_file(const Vm& vm) {
  const Vector* values = vm.system.vector("CONTEXT");
  if (!values) return {};
  std::string text = "# Context variables generated by OpenNebula\n";
  for (const auto& [key, value] : *values) {
    text += key + "='";
    for (const char c : value) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "'\n";
  }
  return text;
}

}  // namespace nubo
