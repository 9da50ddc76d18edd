// SPDX-License-Identifier: Apache-2.0
// Devices of the host that are passed through, the IOMMU, and the PCI Express ports that they and
// the hot-plugged devices hang on.
#include "base/numbers.h"
#include "vmm_kvm/libvirt_xml_parts.h"

namespace nubo::kvm {
namespace {

constexpr int default_root_ports = 16;
constexpr int first_expander = 3;  // 0 root, 1 root port, 2 bridge to plain PCI
constexpr int ports_per_node = 8;
constexpr int first_node_bus = 0x20;
constexpr int first_dedicated_bus = 0xa0;

bool is_dedicated(const Vector& device) { return upper(device.get("ROOT")) == "DEDICATED"; }

void write_single_iommu(DomainWriter& out, const Sources& sources) {
  if (upper(sources.get("IOMMU", "MODE")) != "SINGLE") return;
  out.open("iommu", {{"model", sources.get("IOMMU", "MODEL")}});
  DomainWriter::AttributeMap options;
  for (const std::string& option : split(sources.get("IOMMU", "OPTIONS"), " ,")) {
    const std::size_t at = option.find('=');
    if (at != std::string::npos) options[option.substr(0, at)] = option.substr(at + 1);
  }
  if (!options.empty()) out.empty("driver", options);
  out.close();
}

void write_guest_address(DomainWriter& out, const Vector& device) {
  const std::string& port = device.get("VM_BUS_INDEX");
  if (!port.empty()) {
    out.empty("address", {{"type", "pci"},
                          {"domain", "0x0000"},
                          {"slot", "0x00"},
                          {"function", "0x0"},
                          {"bus", port}});
    return;
  }
  for (const char* key : {"VM_DOMAIN", "VM_BUS", "VM_SLOT", "VM_FUNCTION"}) {
    if (device.get(key).empty()) return;
  }
  out.empty("address", {{"type", "pci"},
                        {"domain", device.get("VM_DOMAIN")},
                        {"bus", device.get("VM_BUS")},
                        {"slot", device.get("VM_SLOT")},
                        {"function", device.get("VM_FUNCTION")}});
}

void open_host_device(DomainWriter& out, const Vector& device) {
  const std::string mode = upper(device.get("MDEV_MODE"));
  if (!device.get("UUID").empty() && (mode.empty() || mode == "LEGACY")) {
    out.open("hostdev", {{"mode", "subsystem"}, {"type", "mdev"}, {"model", "vfio-pci"}});
    out.open("source");
    out.empty("address", {{"uuid", device.get("UUID")}});
    out.close();
    return;
  }
  out.open("hostdev",
           {{"mode", "subsystem"}, {"type", "pci"}, {"managed", mode == "NVIDIA" ? "no" : "yes"}});
  out.open("source");
  out.empty("address", {{"domain", "0x" + device.get("DOMAIN")},
                        {"bus", "0x" + device.get("BUS")},
                        {"slot", "0x" + device.get("SLOT")},
                        {"function", "0x" + device.get("FUNCTION")}});
  out.close();
}

void write_host_device(DomainWriter& out, Domain& domain, const Vector& device) {
  for (const char* key : {"DOMAIN", "BUS", "SLOT", "FUNCTION"}) {
    if (!device.get(key).empty()) continue;
    domain.warnings.push_back(
        fmt::format("PCI device {} has no {}: it is left out", device.get("PCI_ID"), key));
    return;
  }
  open_host_device(out, device);
  if (device.yes("IOMMUFD")) out.empty("driver", {{"iommufd", "yes"}});
  if (!device.get("ACPI_NODES").empty()) {
    out.empty("acpi", {{"nodeset", device.get("ACPI_NODES")}});
  }
  write_guest_address(out, device);
  out.close();
}

void write_root_port(DomainWriter& out, int index) {
  out.empty("controller",
            {{"type", "pci"}, {"index", std::to_string(index)}, {"model", "pcie-root-port"}});
}

void write_port_on(DomainWriter& out, int index, int bus, int function) {
  out.open("controller",
           {{"type", "pci"}, {"index", std::to_string(index)}, {"model", "pcie-root-port"}});
  out.empty("address", {{"type", "pci"},
                        {"bus", std::to_string(bus)},
                        {"slot", "0"},
                        {"function", std::to_string(function)},
                        {"multifunction", function == 0 && index - bus == 1 ? "on" : ""}});
  out.close();
}

void write_expander(DomainWriter& out, int index, int bus_number, const std::string& node) {
  out.open("controller",
           {{"type", "pci"}, {"index", std::to_string(index)}, {"model", "pcie-expander-bus"}});
  out.open("target", {{"busNr", fmt::format("{:#x}", bus_number)}});
  out.text("node", node);
  out.close();
  out.close();
}

void write_bridge(DomainWriter& out, int index) {
  out.empty("controller",
            {{"type", "pci"}, {"index", std::to_string(index)}, {"model", "pcie-to-pci-bridge"}});
}

void write_flat_ports(DomainWriter& out, const Sources& sources) {
  const int ports = parse_number<int>(sources.site("Q35_ROOT_PORTS")).value_or(default_root_ports);
  for (int index = 1; index <= ports; ++index) write_root_port(out, index);
  write_bridge(out, ports + 1);
}

void write_dedicated_ports(DomainWriter& out, const Sources& sources, int index) {
  const bool per_device_iommu = upper(sources.get("IOMMU", "MODE")) == "DEVICE";
  int bus_number = first_dedicated_bus;
  for (const Vector* device : sources.vm().vectors("PCI")) {
    if (!is_dedicated(*device)) continue;
    write_expander(out, index, bus_number, device->get("NUMA_NODE"));
    out.open("controller",
             {{"type", "pci"}, {"index", std::to_string(index + 1)}, {"model", "pcie-root-port"}});
    out.empty(
        "address",
        {{"type", "pci"}, {"bus", std::to_string(index)}, {"slot", "0"}, {"function", "0x0"}});
    out.close();
    if (per_device_iommu && device->yes("IOMMU")) {
      out.open("iommu", {{"model", sources.get("IOMMU", "MODEL")}});
      out.empty("driver", {{"pciBus", std::to_string(index)}});
      out.close();
    }
    index += 2;
    bus_number += 8;
  }
}

// A root of its own for every NUMA node, so that a device is near to its node inside the guest too.
void write_numa_ports(DomainWriter& out, const Sources& sources) {
  write_root_port(out, 1);
  write_bridge(out, 2);
  int index = first_expander;
  int node_id = 0;
  for (const Vector* node : sources.vm().vectors("NUMA_NODE")) {
    if (node->number<int>("TOTAL_CPUS").value_or(0) > 0 && !node->get("MEMORY").empty()) {
      write_expander(out, index, first_node_bus + 0x10 * node_id, std::to_string(node_id));
      for (int port = 0; port < ports_per_node; ++port) {
        write_port_on(out, index + 1 + port, index, port);
      }
    }
    index += 1 + ports_per_node;
    ++node_id;
  }
  write_dedicated_ports(out, sources, index);
}

}  // namespace

void write_host_devices(DomainWriter& out, Domain& domain) {
  write_single_iommu(out, domain.sources);
  for (const Vector* device : domain.sources.vm().vectors("PCI")) {
    write_host_device(out, domain, *device);
  }
}

void write_pci_controllers(DomainWriter& out, const Domain& domain) {
  if (!domain.is_pcie && !domain.is_aarch64) return;
  const Sources& sources = domain.sources;
  const DomainWriter::Attributes root = {{"index", "0"}, {"type", "pci"}, {"model", "pcie-root"}};
  const std::string hole = sources.get("FEATURES", "PCIHOLE64");
  if (hole.empty()) {
    out.empty("controller", root);
  } else {
    out.open("controller", root);
    out.text("pcihole64", hole, {{"unit", "KiB"}});
    out.close();
  }
  const bool per_node = parse_yes_no(sources.site("Q35_NUMA_PCIE")).value_or(false);
  if (per_node && !sources.vm().vectors("NUMA_NODE").empty()) {
    write_numa_ports(out, sources);
  } else {
    write_flat_ports(out, sources);
  }
}

}  // namespace nubo::kvm
