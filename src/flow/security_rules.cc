// SPDX-License-Identifier: Apache-2.0
#include "flow/security_rules.h"

#include <algorithm>
#include <array>

#include "model/vm_machine.h"

namespace nubo {
namespace {

constexpr const char* rule_name = "SECURITY_GROUP_RULE";

bool takes_rules_live(LcmState state) {
  using enum LcmState;
  constexpr std::array states{running,        hotplug,       hotplug_snapshot,     hotplug_saveas,
                              hotplug_resize, disk_snapshot, disk_snapshot_delete, disk_resize};
  return std::ranges::find(states, state) != states.end();
}

void rewrite_rules(Vm& vm, const SecurityGroup& group) {
  const std::string id = std::to_string(group.id.value);
  vm.system.erase_if([&id](const Attribute& rule) {
    return rule.name == rule_name && rule.vector() && rule.vector()->get("SECURITY_GROUP_ID") == id;
  });
  for (const Vector* rule : group.attributes.vectors("RULE")) {
    Vector copy = *rule;
    copy.set("SECURITY_GROUP_ID", id);
    copy.set("SECURITY_GROUP_NAME", group.name);
    vm.system.add(rule_name, std::move(copy));
  }
}

}  // namespace

bool refuses_rules(const Vm& vm) {
  using enum LcmState;
  constexpr std::array busy{boot,           boot_unknown,          boot_poweroff,
                            boot_suspended, boot_stopped,          boot_undeploy,
                            boot_migrate,   boot_failure,          boot_migrate_failure,
                            migrate,        boot_undeploy_failure, boot_stopped_failure,
                            hotplug_nic,    hotplug_nic_poweroff,  unknown};
  return vm.state == VmState::active && std::ranges::find(busy, vm.lcm_state) != busy.end();
}

Status send_rules(Draft& draft, const Vm& vm, SecurityGroup& group) {
  if (vm.state != VmState::active || !takes_rules_live(vm.lcm_state)) return ok();
  if (group.updated_vms.erase(vm.id) > 0) group.updating_vms.insert(vm.id);
  Template arguments;
  arguments.set("group", std::to_string(group.id.value));
  NUBO_CHECK(draft.emit({.subject = "rules",
                         .object = vm.id.value,
                         .operation = std::string(name_of(VmOperation::vmm_updatesg)),
                         .arguments = std::move(arguments)}));
  return ok();
}

Status push_rules(Draft& draft, SecurityGroupId id) {
  NUBO_TRY(SecurityGroup* const group, draft.edit<SecurityGroup>(id));
  const IdSet<VmTag> outdated = std::move(group->outdated_vms);
  group->outdated_vms.clear();
  for (const VmId vm_id : outdated) {
    const Vm* vm = draft.find<Vm>(vm_id);
    if (!vm || vm->state == VmState::done) continue;
    if (refuses_rules(*vm)) {
      group->error_vms.insert(vm_id);
      continue;
    }
    Vm& changed = **draft.edit<Vm>(vm_id);
    rewrite_rules(changed, *group);
    group->updated_vms.insert(vm_id);
    NUBO_CHECK(send_rules(draft, changed, *group));
  }
  return ok();
}

void finish_rules_update(Draft& draft, const Effect& effect, bool good) {
  const VmId vm{effect.object};
  const SecurityGroupId id{parse_number<int>(effect.arguments.get("group")).value_or(-1)};
  const auto group = draft.edit<SecurityGroup>(id);
  if (!group || (*group)->updating_vms.erase(vm) == 0) return;
  (good ? (*group)->updated_vms : (*group)->error_vms).insert(vm);
}

}  // namespace nubo
