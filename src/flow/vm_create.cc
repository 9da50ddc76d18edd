// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_create.h"

#include <algorithm>
#include <array>

#include "flow/boot_files.h"
#include "flow/context.h"
#include "flow/device_names.h"
#include "flow/requirements.h"
#include "flow/scheduled_actions.h"
#include "flow/topology.h"
#include "flow/uuid.h"
#include "flow/variables.h"
#include "flow/vm_checks.h"
#include "flow/vm_config.h"
#include "flow/vm_disks.h"
#include "flow/vm_groups.h"
#include "flow/vm_nics.h"
#include "model/names.h"

namespace nubo {
namespace {

// What the core works with; all else stays the user's.
constexpr auto system_attributes = std::to_array<std::string_view>({"CLONING_TEMPLATE_ID",
                                                                    "CONTEXT",
                                                                    "CPU",
                                                                    "CPU_COST",
                                                                    "CPU_MODEL",
                                                                    "DISK",
                                                                    "DISK_COST",
                                                                    "EMULATOR",
                                                                    "FEATURES",
                                                                    "GRAPHICS",
                                                                    "HYPERV_OPTIONS",
                                                                    "INPUT",
                                                                    "IOMMU",
                                                                    "MEMORY",
                                                                    "MEMORY_COST",
                                                                    "MEMORY_ENCRYPTION",
                                                                    "MEMORY_MAX",
                                                                    "MEMORY_RESIZE_MODE",
                                                                    "MEMORY_SLOTS",
                                                                    "MEMORY_TUNE_OFFSET",
                                                                    "NIC",
                                                                    "NIC_ALIAS",
                                                                    "NIC_DEFAULT",
                                                                    "NUMA_NODE",
                                                                    "OS",
                                                                    "PCI",
                                                                    "RAW",
                                                                    "SPICE_OPTIONS",
                                                                    "SUBMIT_ON_HOLD",
                                                                    "TEMPLATE_ID",
                                                                    "TM_MAD_SYSTEM",
                                                                    "TOPOLOGY",
                                                                    "TPM",
                                                                    "VCPU",
                                                                    "VCPU_MAX",
                                                                    "VIDEO",
                                                                    "VMGROUP",
                                                                    "VROUTER_ID",
                                                                    "VROUTER_KEEPALIVED_ID",
                                                                    "VROUTER_KEEPALIVED_PASSWORD"});
static_assert(std::ranges::is_sorted(system_attributes));
// Of these the first counts.
constexpr std::array single_vectors{"OS", "GRAPHICS", "CONTEXT", "NIC_DEFAULT", "VIDEO"};

/// A price that is no number stays with the user.
bool is_misplaced(const Attribute& attribute) {
  const std::string* value = attribute.single();
  if (attribute.name.ends_with("_COST")) return !value || !parse_number<double>(*value);
  return false;
}

/// DISK="x" says nothing: what the core reads as vectors is dropped otherwise.
bool is_void(const Attribute& attribute) {
  constexpr std::array vectors{"DISK", "NIC", "NIC_ALIAS", "PCI"};
  return attribute.single() && std::ranges::find(vectors, attribute.name) != vectors.end();
}

void move_system_attributes(Vm& vm, Template& given) {
  given.erase("VMID");
  const auto is_ours = [](const Attribute& attribute) {
    return std::ranges::binary_search(system_attributes, attribute.name) &&
           !is_misplaced(attribute);
  };
  for (Attribute& attribute : given.take_if(is_ours)) {
    if (!is_void(attribute)) vm.system.add(std::move(attribute));
  }
  for (const char* name : single_vectors) {
    const Vector* first = vm.system.vector(name);
    if (!first) continue;
    Vector only = *first;
    vm.system.set(name, std::move(only));
  }
}

std::string take_single(Template& attributes, std::string_view name) {
  const std::string value = attributes.get(name);
  attributes.erase(name);
  return value;
}

Status set_name(Vm& vm, Template& given) {
  const std::string stem = take_single(given, "TEMPLATE_NAME");
  vm.name = take_single(given, "NAME");
  if (vm.name.empty()) vm.name = fmt::format("{}-{}", stem.empty() ? "one" : stem, vm.id);
  return check_name(vm.name);
}

void complete_os(Vm& vm) {
  if (!vm.system.vector("OS")) vm.system.add("OS", Vector{});
  vm.system.vector("OS")->set_default("UUID", random_uuid());
}

void complete_graphics(Vm& vm) {
  Vector* graphics = vm.system.vector("GRAPHICS");
  if (!graphics || !graphics->yes("RANDOM_PASSWD") || !graphics->get("PASSWD").empty()) return;
  graphics->set("PASSWD", random_uuid().substr(0, 8));
}

Status substitute_requirements(const Draft& draft, Vm& vm) {
  for (const char* name : {"SCHED_REQUIREMENTS", "REQUIREMENTS"}) {
    if (!vm.user.contains(name)) continue;
    NUBO_TRY(std::string text, substitute_variables(vm.user.get(name), vm, draft.view()));
    vm.user.set(name, std::move(text));
  }
  return ok();
}

/// Parts what was given between what the VM runs with and what its owner noted.
Status take_attributes(Draft& draft, Vm& vm, const VmOrder& order, const VmSettings& settings) {
  Template given = order.attributes;
  given.drop_empty_vectors();
  NUBO_CHECK(adopt_scheduled_actions(draft, vm, given.take("SCHED_ACTION")));
  take_backup_config(vm, given);
  NUBO_CHECK(settle_topology(given));
  NUBO_CHECK(set_name(vm, given));
  NUBO_CHECK(check_attributes(given, settings.hypervisors));
  move_system_attributes(vm, given);
  vm.user = given;
  return ok();
}

Status build(Draft& draft, Vm& vm, const VmOrder& order, const VmSettings& settings) {
  NUBO_CHECK(take_attributes(draft, vm, order, settings));
  vm.system.set("VMID", std::to_string(vm.id.value));
  complete_os(vm);
  NUBO_CHECK(resolve_boot_files(draft, vm));
  complete_graphics(vm);
  NUBO_CHECK(join_vm_group(draft, vm));
  NUBO_CHECK(complete_nics(draft, vm, settings));
  NUBO_TRY(const bool waits, complete_disks(draft, vm, settings));
  NUBO_CHECK(set_boot_order(vm));
  NUBO_CHECK(set_context(draft, vm));
  NUBO_CHECK(substitute_requirements(draft, vm));
  NUBO_CHECK(set_automatic_requirements(draft, vm));
  if (order.on_hold) vm.system.set("SUBMIT_ON_HOLD", "YES");
  vm.state = order.on_hold ? VmState::hold : VmState::pending;
  if (waits) vm.state = VmState::cloning;
  return ok();
}

}  // namespace

Result<VmId> create_vm(Draft& draft, const VmOrder& order, const VmSettings& settings) {
  Vm vm;
  static_cast<Owned&>(vm) = order.owner;
  vm.start_time = draft.now();
  NUBO_TRY(const VmId id, draft.insert(std::move(vm)));
  NUBO_TRY(Vm* const made, draft.edit<Vm>(id));
  NUBO_CHECK(build(draft, *made, order, settings));
  return id;
}

}  // namespace nubo
