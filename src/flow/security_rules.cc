// SPDX-License-Identifier: Apache-2.0
#include "flow/security_rules.h"

#include <algorithm>
#include <array>
#include <vector>

namespace nubo {
namespace {

constexpr const char* rule_name = "SECURITY_GROUP_RULE";

bool cannot_change_now(const Vm& vm) {
  using enum LcmState;
  constexpr std::array busy{boot,           boot_unknown,         boot_poweroff,
                            boot_suspended, boot_stopped,         boot_undeploy,
                            boot_migrate,   boot_failure,         boot_migrate_failure,
                            migrate,        boot_undeploy_failure, boot_stopped_failure,
                            hotplug_nic,    hotplug_nic_poweroff, unknown};
  return vm.state == VmState::active && std::ranges::find(busy, vm.lcm_state) != busy.end();
}

void rewrite_rules(Vm& vm, const SecurityGroup& group) {
  const std::string id = std::to_string(group.id.value);
  std::vector<Attribute> rules = vm.system.take(rule_name);
  std::erase_if(rules, [&id](const Attribute& rule) {
    return rule.vector() && rule.vector()->get("SECURITY_GROUP_ID") == id;
  });
  for (Attribute& rule : rules) vm.system.add(std::move(rule));
  for (const Vector* rule : group.attributes.vectors("RULE")) {
    Vector copy = *rule;
    copy.set("SECURITY_GROUP_ID", id);
    copy.set("SECURITY_GROUP_NAME", group.name);
    vm.system.add(rule_name, std::move(copy));
  }
}

}  // namespace

Status push_rules(Draft& draft, SecurityGroupId id) {
  NUBO_TRY(SecurityGroup* const group, draft.edit<SecurityGroup>(id));
  const IdSet<VmTag> outdated = std::move(group->outdated_vms);
  group->outdated_vms.clear();
  for (const VmId vm_id : outdated) {
    const Vm* vm = draft.find<Vm>(vm_id);
    if (!vm || vm->state == VmState::done) continue;
    if (cannot_change_now(*vm)) {
      group->error_vms.insert(vm_id);
      continue;
    }
    rewrite_rules(**draft.edit<Vm>(vm_id), *group);
    group->updated_vms.insert(vm_id);
  }
  return ok();
}

}  // namespace nubo
