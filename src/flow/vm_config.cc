// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_config.h"

#include <algorithm>
#include <array>
#include <span>

#include "flow/capacity.h"
#include "flow/context.h"
#include "flow/device_names.h"
#include "flow/vm_checks.h"
#include "flow/vm_step.h"
#include "text/trim.h"

namespace nubo {
namespace {

constexpr std::array os_keys{"ARCH",        "MACHINE", "KERNEL",     "INITRD",
                             "BOOTLOADER",  "BOOT",    "KERNEL_CMD", "ROOT",
                             "SD_DISK_BUS", "UUID",    "FIRMWARE",   "FIRMWARE_FORMAT"};
constexpr std::array feature_keys{"PAE",
                                  "ACPI",
                                  "APIC",
                                  "LOCALTIME",
                                  "HYPERV",
                                  "GUEST_AGENT",
                                  "VIRTIO_SCSI_QUEUES",
                                  "VIRTIO_BLK_QUEUES",
                                  "IOTHREADS",
                                  "GIC",
                                  "RAS",
                                  "MIGRATE_AUTO_CONVERGE",
                                  "MIGRATE_COMPRESSED"};
constexpr std::array input_keys{"TYPE", "BUS"};
constexpr std::array graphics_keys{"TYPE", "LISTEN", "PASSWD", "KEYMAP", "COMMAND"};
constexpr std::array video_keys{"IOMMU", "ATS", "TYPE", "VRAM", "RESOLUTION"};
constexpr std::array raw_keys{"TYPE", "DATA", "VALIDATE", "DATA_VMX"};
constexpr std::array cpu_keys{"MODEL", "FEATURES"};
constexpr std::array backup_keys{"FS_FREEZE", "KEEP_LAST", "BACKUP_VOLATILE", "INCREMENT_MODE",
                                 "MODE",      "DISK_IDS",  "INTERACTIVE"};
// What a VM begins with when its template says anything of backups.
constexpr std::array backup_defaults{
    std::pair{"BACKUP_VOLATILE", "NO"},       std::pair{"FS_FREEZE", "NONE"},
    std::pair{"INCREMENTAL_BACKUP_ID", "-1"}, std::pair{"INCREMENT_MODE", "CBT"},
    std::pair{"INTERACTIVE", "NO"},           std::pair{"KEEP_LAST", "0"},
    std::pair{"LAST_INCREMENT_ID", "-1"},     std::pair{"MODE", "FULL"}};

struct KeyGroup {
  const char* name;
  std::span<const char* const> keys;
};

constexpr std::array groups{KeyGroup{"OS", os_keys},        KeyGroup{"FEATURES", feature_keys},
                            KeyGroup{"INPUT", input_keys},  KeyGroup{"GRAPHICS", graphics_keys},
                            KeyGroup{"VIDEO", video_keys},  KeyGroup{"RAW", raw_keys},
                            KeyGroup{"CPU_MODEL", cpu_keys}};

Vector accepted_keys(const Vector& given, std::span<const char* const> keys) {
  Vector taken;
  for (const char* key : keys) {
    if (!given.get(key).empty()) taken.set(key, given.get(key));
  }
  return taken;
}

/// In a replacement a listed key that is not given goes; unlisted ones are the daemon's and stay.
Vector updated(const Vector* before, const Vector& given, std::span<const char* const> keys,
               ConfigUpdate mode) {
  Vector now = before ? *before : Vector();
  for (const char* key : keys) {
    if (given.contains(key)) {
      now.set(key, given.get(key));
    } else if (mode == ConfigUpdate::replace) {
      now.erase(key);
    }
  }
  return now;
}

void update_groups(Vm& vm, const Template& given, ConfigUpdate mode) {
  for (const KeyGroup& group : groups) {
    const Vector* wanted = given.vector(group.name);
    if (!wanted) {
      if (mode == ConfigUpdate::replace) vm.system.erase(group.name);
      continue;
    }
    Vector now = updated(vm.system.vector(group.name), *wanted, group.keys, mode);
    vm.system.set(group.name, std::move(now));
  }
}

Status check_backup_mode(const Vm& vm) {
  if (!vm.system.vectors("SNAPSHOT").empty() || !vm.snapshots.empty()) {
    return fail(Code::internal, "BACKUP_CONFIG: a VM with snapshots has no incremental backups");
  }
  return ok();
}

Status update_backups(Vm& vm, const Template& given, ConfigUpdate mode) {
  const Vector* wanted = given.vector("BACKUP_CONFIG");
  if (!wanted) return ok();
  Template& config = vm.backups.config;
  for (const char* key : backup_keys) {
    if (wanted->contains(key)) {
      config.set(key, wanted->get(key));
    } else if (mode == ConfigUpdate::replace) {
      config.erase(key);
    }
  }
  const auto keep_last = config.number<int>("KEEP_LAST");
  config.set("KEEP_LAST", std::to_string(std::max(0, keep_last.value_or(0))));
  if (upper_case(config.get("MODE")) == "INCREMENT") {
    NUBO_CHECK(check_backup_mode(vm));
    config.set("MODE", "INCREMENT");
  } else {
    config.set("MODE", "FULL");
  }
  for (const char* name : {"LAST_INCREMENT_ID", "INCREMENTAL_BACKUP_ID"}) {
    if (config.get(name).empty()) config.set(name, "-1");
  }
  return ok();
}

bool is_network_key(const std::string& key) {
  const bool eth = key.starts_with("ETH") && key.size() > 3 && key[3] >= '0' && key[3] <= '9';
  return eth && key.find('_') != key.npos;
}

Status check_context(const Vector* before, const Vector& given, const VmSettings& settings) {
  if (!before) {
    return fail(Code::internal, "Virtual machine does not have context, cannot add it");
  }
  for (const auto& [key, value] : given) {
    if (!is_network_key(key) || settings.context_eth_updates || before->get(key) == value) continue;
    return fail(Code::internal, "Cannot change {} of CONTEXT: CONTEXT_ALLOW_ETH_UPDATES is NO",
                key);
  }
  return ok();
}

/// Whether CONTEXT has become another one.
Result<bool> update_context(Draft& draft, Vm& vm, const Template& given, ConfigUpdate mode,
                            const VmSettings& settings) {
  const Vector* wanted = given.vector("CONTEXT");
  if (!wanted) return false;
  const Vector* known = vm.system.vector("CONTEXT");
  NUBO_CHECK(check_context(known, *wanted, settings));
  const Vector before = *known;
  NUBO_TRY(const Vector values, substituted_context(draft, vm, *wanted));
  Vector now;
  for (const auto& [key, value] : before) {
    const bool is_the_disk = key == "TARGET" || key == "DISK_ID";
    if (is_the_disk || mode == ConfigUpdate::append) now.set(key, value);
  }
  for (const auto& [key, value] : values) {
    if (key != "TARGET" && key != "DISK_ID") now.set(key, value);
  }
  vm.system.set("CONTEXT", std::move(now));
  set_device_context(draft.view(), vm);
  return *vm.system.vector("CONTEXT") != before;
}

Status take_port(Draft& draft, Vm& vm, const VmSettings& settings) {
  using enum VmState;
  const bool on_host = vm.state == active || vm.state == poweroff || vm.state == suspended;
  const Vector* graphics = vm.system.vector("GRAPHICS");
  if (!graphics || !graphics->get("PORT").empty() || !on_host || !vm.current()) return ok();
  auto taken = take_graphics_port(draft, vm, vm.current()->cluster_id, settings.graphics_ports);
  if (!taken) taken.error().code = Code::internal;
  return taken;
}

}  // namespace

void take_backup_config(Vm& vm, Template& given) {
  const Vector* found = given.vector("BACKUP_CONFIG");
  if (!found) return;
  const Vector wanted = *found;
  given.erase("BACKUP_CONFIG");
  Template& config = vm.backups.config;
  for (const auto& [key, value] : backup_defaults) config.set(key, value);
  for (const char* key : backup_keys) {
    if (!wanted.get(key).empty()) config.set(key, wanted.get(key));
  }
}

Template accepted_config(const Template& given) {
  Template taken;
  const auto take = [&](const char* name, std::span<const char* const> keys) {
    if (const Vector* vector = given.vector(name)) taken.set(name, accepted_keys(*vector, keys));
  };
  for (const KeyGroup& group : groups) take(group.name, group.keys);
  take("BACKUP_CONFIG", backup_keys);
  if (const Vector* context = given.vector("CONTEXT")) {
    Vector values;
    for (const auto& [key, value] : *context) {
      if (!value.empty()) values.set(key, value);
    }
    taken.set("CONTEXT", std::move(values));
  }
  return taken;
}

Status update_config(Draft& draft, const ChangeOrder& order, const Template& given,
                     ConfigUpdate mode, const VmSettings& settings) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  if (!find_row(vm->states(), VmEvent::updateconf)) {
    return fail(Code::internal, "configuration cannot be updated in state {}",
                names_of(vm->states()).name);
  }
  const Template taken = accepted_config(given);
  NUBO_CHECK(check_raw(taken, settings.hypervisors));
  update_groups(*vm, taken, mode);
  NUBO_CHECK(check_attributes(vm->system, settings.hypervisors));
  NUBO_CHECK(set_boot_order(*vm));
  NUBO_CHECK(update_backups(*vm, taken, mode));
  NUBO_TRY(const bool changed, update_context(draft, *vm, taken, mode, settings));
  NUBO_CHECK(take_port(draft, *vm, settings));
  const bool told = changed && find_row(vm->states(), VmEvent::update_context);
  return step(draft, order.vm, told ? VmEvent::update_context : VmEvent::updateconf, order.caller);
}

}  // namespace nubo
