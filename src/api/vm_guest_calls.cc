// SPDX-License-Identifier: Apache-2.0
// one.vm.resize, updateconf, snapshot*, exec*, backup*, restore (sheets api.md §7, vm-lifecycle.md
// §2.5, §2.10).
#include "api/generic.h"
#include "api/vm_life.h"
#include "flow/capacity_changes.h"
#include "flow/guest_commands.h"
#include "flow/pci_changes.h"
#include "flow/system_snapshots.h"
#include "flow/vm_config.h"

namespace nubo::api {
namespace {

ChangeOrder order_for(const Context& call, const Vm& vm) { return {vm.id, caller_of(call)}; }

// --- capacity and configuration -----------------------------------------------------------------

/// A positive number as it was written; 0 or nothing keeps what there is.
template <class T>
Result<std::optional<std::string>> wanted_number(const Template& given, const char* name,
                                                 const char* kind) {
  const std::string& text = given.get(name);
  if (text.empty()) return std::optional<std::string>();
  const auto number = parse_number<T>(text);
  if (!number || *number < 0) {
    return fail(Code::internal, "{} must be a positive {} value.", name, kind);
  }
  return *number > 0 ? std::optional(text) : std::optional<std::string>();
}

Result<Value> resize_vm(Draft& draft, const Context& call) {
  NUBO_TRY(const Template given, parse_template(call.args.text(1)));
  NUBO_CHECK(check_restricted(call, ObjectType::vm, given));
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "resize"));
  NewCapacity wanted{.enforce = call.args.flag(2) || !call.caller.is_admin()};
  NUBO_TRY(wanted.cpu, wanted_number<double>(given, "CPU", "float or integer"));
  NUBO_TRY(wanted.memory, wanted_number<long long>(given, "MEMORY", "integer"));
  NUBO_TRY(wanted.vcpu, wanted_number<int>(given, "VCPU", "integer"));
  NUBO_CHECK(resize(draft, order_for(call, *vm), wanted, call.env.vm_settings));
  return vm->id.value;
}

Result<Value> update_configuration(Draft& draft, const Context& call) {
  const int mode = call.args.integer(2);
  if (mode != 0 && mode != 1) return fail(Code::api, "Wrong update type");
  NUBO_TRY(const Template given, parse_template(call.args.text(1)));
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "updateconf"));
  const Template taken = accepted_config(given);
  const std::string found =
      changed_restricted(restricted_names(call, ObjectType::vm), vm->system, taken);
  if (!found.empty()) {
    return fail(Code::authorization, "User [{}] : Template includes a restricted attribute {}.",
                call.caller.uid, found.substr(0, found.find('/')));
  }
  NUBO_CHECK(update_config(draft, order_for(call, *vm), given,
                           mode == 1 ? ConfigUpdate::append : ConfigUpdate::replace,
                           call.env.vm_settings));
  return vm->id.value;
}

// --- PCI devices --------------------------------------------------------------------------------

Result<Value> pci_attach(Draft& draft, const Context& call) {
  NUBO_TRY(const Vector device,
           given_vector(call, 1, "PCI", {Code::internal, "Internal error parsing PCI attribute"}));
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "pci-attach"));
  NUBO_CHECK(attach_pci(draft, order_for(call, *vm), device));
  return vm->id.value;
}

Result<Value> pci_detach(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "pci-attach"));
  NUBO_CHECK(detach_pci(draft, order_for(call, *vm), call.args.integer(1)));
  return vm->id.value;
}

// --- snapshots ----------------------------------------------------------------------------------

Result<Value> snapshot_create(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "snapshot"));
  NUBO_TRY(const int id,
           create_snapshot(draft, order_for(call, *vm), call.args.text(1), call.env.vm_settings));
  return id;
}

template <Status (*change)(Draft&, const ChangeOrder&, int)>
Result<Value> with_snapshot(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "snapshot"));
  NUBO_CHECK(change(draft, order_for(call, *vm), call.args.integer(1)));
  return vm->id.value;
}

// --- commands in the guest ----------------------------------------------------------------------

Result<Value> exec(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "exec"));
  NUBO_CHECK(run_in_guest(draft, order_for(call, *vm), {call.args.text(1), call.args.text(2)}));
  return vm->id.value;
}

template <Status (*change)(Draft&, const ChangeOrder&)>
Result<Value> with_command(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "exec"));
  NUBO_CHECK(change(draft, order_for(call, *vm)));
  return vm->id.value;
}

// --- backups: arguments and rights are checked, then the truth is told --------------------------

constexpr const char* no_backups = "carrying backups out comes later";

Failure no_backup_driver() {
  return fail(Code::action, "Backups are not available: no backup driver is installed");
}

Result<Value> backup(Draft& draft, const Context& call) {
  NUBO_CHECK(draft.get<Vm>(VmId{call.args.integer(0)}));
  const DatastoreId id{call.args.integer(1)};
  const Datastore* datastore = draft.find<Datastore>(id);
  if (id.is_set() && !datastore) NUBO_CHECK(draft.get<Datastore>(id));
  if (!datastore || datastore->kind != DatastoreType::backup) {
    return fail(Code::action, "Datastore needs to be of type BACKUP");
  }
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "backup"));
  NUBO_CHECK(permitted<Datastore>(draft.view(), call, id.value, Right::use));
  const bool running = vm->states() == StatePair{VmState::active, LcmState::running};
  if (!running && vm->state != VmState::poweroff) {
    return fail(Code::internal, "Could not create a new backup for VM {}, wrong state {}.", vm->id,
                names_of(vm->states()).name);
  }
  return no_backup_driver();
}

Result<Value> backup_cancel(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "backup"));
  return fail(Code::internal, "Could not cancel backup for VM {}, no backup in progress", vm->id);
}

Result<Value> restore(Draft& draft, const Context& call) {
  NUBO_CHECK(draft.get<Vm>(VmId{call.args.integer(0)}));
  NUBO_TRY(const Image* const image, draft.get<Image>(ImageId{call.args.integer(1)}));
  if (image->kind != ImageType::backup) {
    return fail(Code::action, "Image has to be of type BACKUP");
  }
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "restore"));
  NUBO_CHECK(permitted<Image>(draft.view(), call, image->id.value, Right::use));
  if (vm->state != VmState::poweroff) {
    return fail(Code::action, "Could not restore VM {}, wrong state {}.", vm->id,
                names_of(vm->states()).name);
  }
  return no_backup_driver();
}

}  // namespace

std::vector<Call> vm_guest_calls() {
  const Parameter snapshot{"snapshot", Type::integer};
  return {
      {"one.vm.resize", {an_id, a_template, {"enforce", Type::flag, Value(true)}}, resize_vm},
      {"one.vm.updateconf",
       {an_id, a_template, {"append", Type::integer, Value(0)}},
       update_configuration},
      {"one.vm.attachpci", {an_id, a_template}, pci_attach},
      {"one.vm.detachpci", {an_id, {"pci", Type::integer}}, pci_detach},
      {"one.vm.snapshotcreate", {an_id, a_name}, snapshot_create},
      {"one.vm.snapshotrevert", {an_id, snapshot}, with_snapshot<revert_snapshot>},
      {"one.vm.snapshotdelete", {an_id, snapshot}, with_snapshot<delete_snapshot>},
      {"one.vm.exec", {an_id, {"command", Type::text}, {"stdin", Type::text}}, exec},
      {"one.vm.retryexec", {an_id}, with_command<run_in_guest_again>},
      {"one.vm.cancelexec", {an_id}, with_command<cancel_in_guest>},
      {"one.vm.backup",
       {an_id, {"datastore", Type::integer, Value(-1)}, {"reset", Type::flag, Value(false)}},
       backup,
       no_backups},
      {"one.vm.backupcancel", {an_id}, backup_cancel},
      {"one.vm.restore",
       {an_id, {"image", Type::integer}, {"increment", Type::integer}, {"disk", Type::integer}},
       restore,
       no_backups},
  };
}

}  // namespace nubo::api
