// SPDX-License-Identifier: Apache-2.0
#include "flow/guest_commands.h"

#include "flow/vm_step.h"

namespace nubo {
namespace {

constexpr const char* vector_name = "QEMU_GA_EXEC";

bool is_executing(const Vm& vm) {
  const Vector* exec = vm.system.vector(vector_name);
  return exec && exec->get("STATUS") == "EXECUTING";
}

void set_status(Vm& vm, const char* status) {
  if (Vector* exec = vm.system.vector(vector_name)) exec->set("STATUS", status);
}

}  // namespace

Status run_in_guest(Draft& draft, const ChangeOrder& order, const GuestCommand& command) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  if (!find_row(vm->states(), VmEvent::exec)) {
    return fail(Code::action, "Could not execute command, VM must be in running");
  }
  if (is_executing(*vm)) {
    return fail(Code::action, "Could not execute command, another command is already executing");
  }
  vm->system.set(vector_name,
                 Vector{{"COMMAND", command.command}, {"STDIN", command.standard_input}});
  return step(draft, order.vm, VmEvent::exec, order.caller);
}

Status run_in_guest_again(Draft& draft, const ChangeOrder& order) {
  NUBO_TRY(const Vm* const vm, draft.get<Vm>(order.vm));
  GuestCommand again;
  if (const Vector* exec = vm->system.vector(vector_name)) {
    again = {exec->get("COMMAND"), exec->get("STDIN")};
  }
  return run_in_guest(draft, order, again);
}

Status cancel_in_guest(Draft& draft, const ChangeOrder& order) {
  NUBO_TRY(const Vm* const vm, draft.get<Vm>(order.vm));
  if (!find_row(vm->states(), VmEvent::exec_cancel)) {
    return fail(Code::action, "Could not cancel command, VM must be in running");
  }
  if (!is_executing(*vm)) {
    return fail(Code::action, "Could not cancel command, no command is executing");
  }
  return step(draft, order.vm, VmEvent::exec_cancel, order.caller);
}

void note_command_runs(Draft&, Vm& vm, const Effect& effect) {
  set_status(vm, "EXECUTING");
  Vector* exec = vm.system.vector(vector_name);
  if (const std::string& pid = effect.arguments.get("pid"); exec && !pid.empty()) {
    exec->set("PID", pid);
  }
}

void note_command_cancelled(Draft&, Vm& vm, const Effect&) { set_status(vm, "CANCELLED"); }

void note_command_failed(Draft&, Vm& vm, const Effect&) { set_status(vm, "ERROR"); }

}  // namespace nubo
