// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_step.h"

#include <algorithm>
#include <array>

#include "flow/bookkeeping.h"

namespace nubo {
namespace {

VmAction last_action(const Vm& vm) {
  return vm.current() ? vm.current()->action : VmAction::none;
}

bool moves_without_checkpoint(const Vm& vm) {
  const VmAction action = last_action(vm);
  const bool powered_off =
      action == VmAction::poweroff_migrate || action == VmAction::poweroff_hard_migrate;
  return powered_off && find_row(vm.states(), VmEvent::moved_without_checkpoint);
}

void drop_effects(Draft& draft, VmId id) {
  for (const EffectId effect : draft.view().effects().of("vm", id.value)) {
    draft.erase<Effect>(effect);
  }
}

/// Ways out and repairs, which must not fail for want of quotas although some of them let a VM that
/// is off count as running until they are done.
bool passes_quotas(StatePair from, VmEvent event) {
  using enum VmEvent;
  constexpr std::array always{stop,          undeploy,        undeploy_hard,   terminate,
                              terminate_hard, destroy,         recover_success, recover_failure,
                              retry,         retry_soft,      retry_hard};
  if (std::ranges::find(always, event) != always.end()) return true;
  return event == recreate && from.vm != VmState::stopped && from.vm != VmState::undeployed;
}

}  // namespace

Status step(Draft& draft, VmId id, VmEvent event, const Caller& caller) {
  NUBO_TRY(const Vm* const before, draft.get<Vm>(id));
  const VmRow* row = find_row(before->states(), event);
  if (!row) {
    return fail(Code::action, "This action is not available for state {}",
                names_of(before->states()).name);
  }
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(id));
  NUBO_CHECK(keep_books(draft, *vm, *row, caller));
  if (row->to != row->from || row->operation != VmOperation::none) drop_effects(draft, id);
  vm->set_states(row->to);
  if (passes_quotas(row->from, event)) NUBO_CHECK(draft.settle_quotas(QuotaTest::nothing));
  if (row->operation == VmOperation::none) return ok();
  NUBO_CHECK(draft.emit(Effect{.id = {},
                               .subject = "vm",
                               .object = id.value,
                               .operation = std::string(name_of(row->operation)),
                               .since = draft.now(),
                               .arguments = {}}));
  return ok();
}

VmEvent outcome_event(const Vm& vm, bool good) {
  if (!good) return VmEvent::failed;
  return moves_without_checkpoint(vm) ? VmEvent::moved_without_checkpoint : VmEvent::succeeded;
}

VmEvent recovery_event(const Vm& vm, bool good) {
  if (!good) return VmEvent::recover_failure;
  return moves_without_checkpoint(vm) ? VmEvent::moved_without_checkpoint
                                      : VmEvent::recover_success;
}

VmEvent retry_event(const Vm& vm) {
  using enum VmAction;
  constexpr std::array soft{terminate, poweroff, undeploy, poweroff_migrate};
  constexpr std::array hard{terminate_hard, poweroff_hard, undeploy_hard, poweroff_hard_migrate};
  const VmAction action = last_action(vm);
  const auto asked = [&](const auto& actions, VmEvent retry) {
    return std::ranges::find(actions, action) != actions.end() && find_row(vm.states(), retry);
  };
  if (asked(soft, VmEvent::retry_soft)) return VmEvent::retry_soft;
  if (asked(hard, VmEvent::retry_hard)) return VmEvent::retry_hard;
  return VmEvent::retry;
}

VmEvent deploy_event(const Vm& vm) {
  const VmAction action = last_action(vm);
  if (action == VmAction::stop) return VmEvent::deploy_stopped;
  const bool came_off = action == VmAction::undeploy || action == VmAction::undeploy_hard;
  return came_off ? VmEvent::deploy_undeployed : VmEvent::deploy;
}

Status step_cloning(Draft& draft, VmId id) {
  NUBO_TRY(const Vm* const vm, draft.get<Vm>(id));
  bool waiting = false;
  bool broken = false;
  for (const Vector* disk : vm->system.vectors("DISK")) {
    if (!disk->yes("CLONING")) continue;
    const Image* image = draft.find<Image>(ImageId{disk->number<int>("IMAGE_ID").value_or(-1)});
    const bool usable = image && (image->state == ImageState::used ||
                                  image->state == ImageState::used_persistent);
    broken = broken || !image || image->state == ImageState::error;
    waiting = waiting || !usable;
  }
  if (broken) return step(draft, id, VmEvent::images_failed);
  if (waiting) return step(draft, id, VmEvent::images_pending);
  return step(draft, id, vm->system.yes("SUBMIT_ON_HOLD") ? VmEvent::images_ready_on_hold
                                                          : VmEvent::images_ready);
}

}  // namespace nubo
