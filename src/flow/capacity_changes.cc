// SPDX-License-Identifier: Apache-2.0
#include "flow/capacity_changes.h"

#include <algorithm>
#include <array>

#include "flow/capacity.h"
#include "flow/vm_step.h"
#include "text/trim.h"

namespace nubo {
namespace {

constexpr std::array names{"CPU", "VCPU", "MEMORY"};

Vector capacity_vector(const Vm& vm) {
  Vector values;
  for (const char* name : names) {
    if (const std::string& value = vm.system.get(name); !value.empty()) values.set(name, value);
  }
  return values;
}

void apply(Vm& vm, const Vector& values) {
  for (const char* name : names) {
    if (values.contains(name)) {
      vm.system.set(name, values.get(name));
    } else {
      vm.system.erase(name);
    }
  }
}

Vector wanted_vector(const Vm& vm, const NewCapacity& wanted) {
  Vector values = capacity_vector(vm);
  if (wanted.cpu) values.set("CPU", *wanted.cpu);
  if (wanted.vcpu) values.set("VCPU", *wanted.vcpu);
  if (wanted.memory) values.set("MEMORY", *wanted.memory);
  return values;
}

bool is_pinned(const Vm& vm) {
  const Vector* topology = vm.system.vector("TOPOLOGY");
  const std::string policy = topology ? upper_case(topology->get("PIN_POLICY")) : "";
  return !policy.empty() && policy != "NONE";
}

/// Sockets follow the number of CPUs; cores and threads of each stay.
Status fit_topology(Vm& vm) {
  Vector* topology = vm.system.vector("TOPOLOGY");
  if (!topology || !topology->contains("SOCKETS")) return ok();
  const int each =
      topology->number<int>("CORES").value_or(1) * topology->number<int>("THREADS").value_or(1);
  const int cpus = vm.system.number<int>("VCPU").value_or(1);
  if (each < 1 || cpus % each != 0) {
    return fail(Code::action, "VCPU must be a multiple of the {} CPUs of a socket", each);
  }
  topology->set("SOCKETS", std::to_string(cpus / each));
  return ok();
}

Status check_live(const Vm& vm, const VmSettings& settings) {
  const std::string& driver = vm.current()->vm_mad;
  if (!settings.hypervisor(driver).live_resize) {
    return fail(Code::action, "Hotplug resize not supported by driver {}", driver);
  }
  if (is_pinned(vm)) return fail(Code::action, "Hotplug resize is not supported for pinned VMs");
  return ok();
}

/// Charges the host anew, if the VM is on one.
Status recharge(Draft& draft, Vm& vm, const Vector& values, bool enforce) {
  const HostId host_id = vm.current() ? vm.current()->host_id : HostId{};
  const Host* host = draft.find<Host>(host_id);
  const bool charged = host && host->vms.contains(vm.id);
  if (charged) refund(draft, host_id, vm);
  apply(vm, values);
  if (!charged) return ok();
  if (enforce) NUBO_CHECK(fits(*draft.find<Host>(host_id), vm));
  charge(draft, host_id, vm);
  return ok();
}

}  // namespace

Status resize(Draft& draft, const ChangeOrder& order, const NewCapacity& wanted,
              const VmSettings& settings) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  if (!find_row(vm->states(), VmEvent::resize)) {
    return fail(Code::action, "Cannot resize a VM in state {}", names_of(vm->states()).name);
  }
  const bool live = vm->lcm_state == LcmState::running;
  if (live) NUBO_CHECK(check_live(*vm, settings));
  const Vector before = capacity_vector(*vm);
  const Vector after = wanted_vector(*vm, wanted);
  if (live && before == after) return ok();
  NUBO_CHECK(recharge(draft, *vm, after, wanted.enforce));
  if (before.get("VCPU") != after.get("VCPU")) NUBO_CHECK(fit_topology(*vm));
  if (live) vm->system.set("RESIZE", before);
  return step(draft, order.vm, VmEvent::resize, order.caller);
}

void keep_capacity(Draft&, Vm& vm, const Effect&) { vm.system.erase("RESIZE"); }

void restore_capacity(Draft& draft, Vm& vm, const Effect&) {
  const Vector* before = vm.system.vector("RESIZE");
  if (!before) return;
  const Vector values = *before;
  vm.system.erase("RESIZE");
  // Back to what fitted before: never refused.
  (void)recharge(draft, vm, values, false);
  (void)fit_topology(vm);
}

}  // namespace nubo
