// SPDX-License-Identifier: Apache-2.0
// one.vm.schedadd, schedupdate, scheddelete (sheets api.md §7, vm-lifecycle.md §7.8).
#include "api/generic.h"
#include "api/vm_life.h"
#include "flow/scheduled_actions.h"

namespace nubo::api {
namespace {

Result<Vector> given_action(const Context& call, std::size_t place, Code missing) {
  NUBO_TRY(const Template given, parse_template(call.args.text(place)));
  const Vector* action = given.vector("SCHED_ACTION");
  if (!action) return fail(missing, "No SCHED_ACTION attribute in template");
  return *action;
}

Result<Value> add_action(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "sched-action"));
  NUBO_TRY(const Vector action, given_action(call, 1, Code::action));
  if (vm->state == VmState::done) {
    Failure over = fail(Code::internal,
                        "Unable to create Scheduled Action for Virtual Machine {}, it's in DONE "
                        "state",
                        vm->id);
    over.value().object = vm->id.value;
    return over;
  }
  NUBO_TRY(const ScheduledActionId id, add_scheduled_action(draft, vm->id, action));
  return id.value;
}

Result<Value> update_action(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "sched-action"));
  NUBO_TRY(const Vector action, given_action(call, 2, Code::internal));
  const ScheduledActionId id{call.args.integer(1)};
  NUBO_CHECK(update_scheduled_action(draft, vm->id, id, action));
  return id.value;
}

Result<Value> erase_action(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "sched-action"));
  NUBO_CHECK(delete_scheduled_action(draft, vm->id, ScheduledActionId{call.args.integer(1)}));
  return vm->id.value;
}

}  // namespace

std::vector<Call> vm_schedule_calls() {
  const Parameter action{"action", Type::integer};
  return {
      {"one.vm.schedadd", {an_id, a_template}, add_action},
      {"one.vm.schedupdate", {an_id, action, a_template}, update_action},
      {"one.vm.scheddelete", {an_id, action}, erase_action},
  };
}

}  // namespace nubo::api
