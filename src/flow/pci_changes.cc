// SPDX-License-Identifier: Apache-2.0
#include "flow/pci_changes.h"

#include <algorithm>
#include <array>

#include "flow/vm_step.h"
#include "text/trim.h"

namespace nubo {
namespace {

// What the VM is told of the device that it gets.
constexpr std::array host_keys{"DOMAIN", "BUS",    "SLOT",  "FUNCTION",  "ADDRESS", "SHORT_ADDRESS",
                               "VENDOR", "DEVICE", "CLASS", "NUMA_NODE", "UUID",    "MDEV_MODE"};

// Of these, what says where the device is.
constexpr std::array place_keys{"DOMAIN",  "BUS",           "SLOT",      "FUNCTION",
                                "ADDRESS", "SHORT_ADDRESS", "NUMA_NODE", "UUID"};

bool is_nic(const Vector& device) { return upper_case(device.get("TYPE")) == "NIC"; }

bool is_free(const Vector& device) { return device.number<int>("VMID").value_or(-1) == -1; }

/// By its address, else by all that is said of its kind.
bool matches(const Vector& device, const Vector& wanted) {
  if (!wanted.get("SHORT_ADDRESS").empty()) {
    return device.get("SHORT_ADDRESS") == wanted.get("SHORT_ADDRESS");
  }
  return std::ranges::all_of(std::array{"VENDOR", "DEVICE", "CLASS"}, [&](const char* key) {
    return wanted.get(key).empty() || device.get(key) == wanted.get(key);
  });
}

Status take_device(Draft& draft, const Vm& vm, Vector& wanted) {
  NUBO_TRY(Host* const host, draft.edit<Host>(vm.current()->host_id));
  for (Vector* device : host->share.pci_devices.vectors("PCI")) {
    if (!is_free(*device) || !matches(*device, wanted)) continue;
    device->set("VMID", std::to_string(vm.id.value));
    for (const char* key : host_keys) {
      if (device->contains(key)) wanted.set(key, device->get(key));
    }
    return ok();
  }
  return fail(Code::action, "Cannot assign PCI device in host. Check address and free devices");
}

void give_device_back(Draft& draft, const Vm& vm, const Vector& gone) {
  const auto host = draft.edit<Host>(vm.current()->host_id);
  if (!host) return;
  for (Vector* device : (*host)->share.pci_devices.vectors("PCI")) {
    const bool is_it =
        device->number<int>("VMID") == vm.id.value && device->get("ADDRESS") == gone.get("ADDRESS");
    if (is_it) device->set("VMID", "-1");
  }
}

Status check_off(const Vm& vm, VmEvent event) {
  if (find_row(vm.states(), event) && vm.current()) return ok();
  return fail(Code::action, "VM in wrong state, it has to be in poweroff");
}

}  // namespace

Status attach_pci(Draft& draft, const ChangeOrder& order, Vector device) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  NUBO_CHECK(check_off(*vm, VmEvent::attach_pci));
  if (is_nic(device)) return fail(Code::action, "PCI devices of type NIC are attached as NICs");
  for (const char* key : {"VMID", "DOMAIN", "BUS", "SLOT", "FUNCTION", "ADDRESS"})
    device.erase(key);
  int last = -1;
  for (const Vector* each : vm->system.vectors("PCI")) {
    last = std::max(last, each->number<int>("PCI_ID").value_or(-1));
  }
  device.set("PCI_ID", std::to_string(last + 1));
  if (vm->state == VmState::poweroff) NUBO_CHECK(take_device(draft, *vm, device));
  vm->system.add("PCI", std::move(device));
  return step(draft, order.vm, VmEvent::attach_pci, order.caller);
}

Status detach_pci(Draft& draft, const ChangeOrder& order, int pci) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  NUBO_CHECK(check_off(*vm, VmEvent::detach_pci));
  const Vector* gone = device(*vm, "PCI", "PCI_ID", pci);
  if (!gone || is_nic(*gone)) return fail(Code::action, "PCI device not found");
  give_device_back(draft, *vm, *gone);
  vm->system.erase_if([gone](const Attribute& each) { return each.vector() == gone; });
  return step(draft, order.vm, VmEvent::detach_pci, order.caller);
}

void free_pci_devices(Draft& draft, HostId host_id, Vm& vm) {
  const Host* known = draft.find<Host>(host_id);
  if (!known || known->share.pci_devices.empty()) return;
  for (Vector* device : (*draft.edit<Host>(host_id))->share.pci_devices.vectors("PCI")) {
    if (device->number<int>("VMID") != vm.id.value) continue;
    device->set("VMID", "-1");
    for (Vector* mine : vm.system.vectors("PCI")) {
      if (mine->get("ADDRESS") != device->get("ADDRESS")) continue;
      for (const char* key : place_keys) mine->erase(key);
    }
  }
}

}  // namespace nubo
