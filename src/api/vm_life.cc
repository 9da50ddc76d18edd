// SPDX-License-Identifier: Apache-2.0
// one.vm.action, deploy, migrate, recover (sheets api.md §6-7, vm-lifecycle.md §2).
#include "api/vm_life.h"

#include <algorithm>
#include <array>

#include "api/generic.h"
#include "auth/vm_operations.h"
#include "flow/vm_place.h"
#include "flow/vm_step.h"

namespace nubo::api {
namespace {

struct ActionRow {
  std::string_view action;
  VmEvent event;
  std::string_view operation;  // the word of the operation lists that decides the right
};

constexpr std::array actions{
    ActionRow{"terminate", VmEvent::terminate, "terminate"},
    ActionRow{"terminate-hard", VmEvent::terminate_hard, "terminate"},
    ActionRow{"undeploy", VmEvent::undeploy, "undeploy"},
    ActionRow{"undeploy-hard", VmEvent::undeploy_hard, "undeploy"},
    ActionRow{"poweroff", VmEvent::poweroff, "poweroff"},
    ActionRow{"poweroff-hard", VmEvent::poweroff_hard, "poweroff"},
    ActionRow{"reboot", VmEvent::reboot, "reboot"},
    ActionRow{"reboot-hard", VmEvent::reboot_hard, "reboot"},
    ActionRow{"hold", VmEvent::hold, "hold"},
    ActionRow{"release", VmEvent::release, "release"},
    ActionRow{"stop", VmEvent::stop, "stop"},
    ActionRow{"suspend", VmEvent::suspend, "suspend"},
    ActionRow{"resume", VmEvent::resume, "resume"},
    ActionRow{"resched", VmEvent::resched, "resched"},
    ActionRow{"unresched", VmEvent::unresched, "resched"},
};

Result<Value> vm_action(Draft& draft, const Context& call) {
  const std::string& word = call.args.text(0);
  const auto row = std::ranges::find(actions, word, &ActionRow::action);
  if (row == actions.end()) return fail(Code::action, "Action \"{}\" is not supported", word);
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(1), row->operation));
  // History names the owner of a terminated VM (vm-lifecycle.md §2.3, note c).
  const bool ends = row->operation == "terminate";
  const Caller caller = ends ? Caller{vm->uid, vm->gid, call.request_id} : caller_of(call);
  const Status done = step(draft, vm->id, row->event, caller);
  if (done && row->event == VmEvent::resume) {
    if (const Status fits = draft.settle_quotas(QuotaTest::limits); !fits) {
      return fail(Code::action, "{}", fits.error().message);
    }
  }
  if (done) return vm->id.value;
  if (done.error().code != Code::action) return Failure(done.error());
  return fail(Code::action, "Error performing action \"{}\": {}", word, done.error().message);
}

DatastoreId asked_datastore(int id) { return id < 0 ? DatastoreId{} : DatastoreId{id}; }

/// MANAGE on the host, USE on the datastore if one is asked for.
Status authorize_place(const Draft& draft, const Context& call, HostId host_id,
                       DatastoreId datastore_id) {
  const Snapshot& state = draft.view();
  NUBO_CHECK(permitted<Host>(state, call, host_id.value, Right::manage));
  if (!datastore_id.is_set()) return ok();
  NUBO_CHECK(permitted<Datastore>(state, call, datastore_id.value, Right::use));
  return ok();
}

/// What a deployment gives to NICs whose network is still open.
Status authorize_networks(const Draft& draft, const Context& call, const Template& networks) {
  NUBO_CHECK(check_restricted(call, ObjectType::vm, networks));
  for (const Vector* nic : networks.vectors("NIC")) {
    const auto id = nic->number<int>("NETWORK_ID");
    if (id) NUBO_CHECK(permitted<VirtualNetwork>(draft.view(), call, *id, Right::use));
  }
  return ok();
}

Result<Value> vm_deploy(Draft& draft, const Context& call) {
  NUBO_TRY(Template networks, parse_template(call.args.text(4)));
  const HostId host{call.args.integer(1)};
  const DatastoreId datastore = asked_datastore(call.args.integer(3));
  NUBO_CHECK(draft.get<Host>(host));
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "deploy"));
  NUBO_CHECK(authorize_place(draft, call, host, datastore));
  NUBO_CHECK(authorize_networks(draft, call, networks));
  NUBO_CHECK(deploy(draft,
                    {.vm = vm->id,
                     .host = host,
                     .datastore = datastore,
                     .enforce = call.args.flag(2),
                     .networks = std::move(networks),
                     .caller = caller_of(call)},
                    call.env.vm_settings));
  return vm->id.value;
}

Result<Value> vm_migrate(Draft& draft, const Context& call) {
  const HostId host{call.args.integer(1)};
  const DatastoreId datastore = asked_datastore(call.args.integer(4));
  const int type = call.args.integer(5);
  NUBO_CHECK(draft.get<Host>(host));
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "migrate"));
  NUBO_CHECK(authorize_place(draft, call, host, datastore));
  if (type < 0 || type > 2) {
    return fail(Code::api, "Wrong migration type {}: 0 save, 1 poweroff, 2 poweroff-hard", type);
  }
  NUBO_CHECK(migrate(draft,
                     {.vm = vm->id,
                      .host = host,
                      .datastore = datastore,
                      .live = call.args.flag(2),
                      .enforce = call.args.flag(3),
                      .cold = static_cast<ColdMigration>(type),
                      .caller = caller_of(call)},
                     call.env.vm_settings));
  return vm->id.value;
}

Failure wrong_state(const char* what, const Vm& vm) {
  return fail(Code::action, "Could not perform a {} on VM {}, wrong state {}.", what, vm.id,
              names_of(vm.states()).name);
}

/// Steps where the table has a row; elsewhere there is nothing to recover, which is a success.
Status step_if_any(Draft& draft, const Vm& vm, VmEvent event, const Context& call) {
  if (!find_row(vm.states(), event)) return ok();
  return step(draft, vm.id, event, caller_of(call));
}

template <bool good>
Status tell(Draft& draft, const Vm& vm, const Context& call) {
  if (vm.state == VmState::cloning_failure) return step_cloning(draft, vm.id);
  if (vm.state != VmState::active) return wrong_state("recover operation", vm);
  return step_if_any(draft, vm, recovery_event(vm, good), call);
}

Status retry(Draft& draft, const Vm& vm, const Context& call) {
  if (vm.state != VmState::active) return wrong_state("retry", vm);
  return step_if_any(draft, vm, retry_event(vm), call);
}

Status destroy(Draft& draft, const Vm& vm, const Context& call) {
  return step_if_any(draft, vm, VmEvent::destroy, call);
}

Status recreate(Draft& draft, const Vm& vm, const Context& call) {
  if (vm.state == VmState::done) {
    return fail(Code::action, "Cannot delete-recreate a VM already in DONE state");
  }
  return step_if_any(draft, vm, VmEvent::recreate, call);
}

Status forget(Draft& draft, const Vm& vm, const Context& call) {
  return step_if_any(draft, vm, VmEvent::forget, call);
}

struct RecoverRow {
  std::string_view operation;
  Status (*apply)(Draft&, const Vm&, const Context&);
};

// Indexed by the call's operation code.
constexpr std::array recoveries{
    RecoverRow{"recover", tell<false>}, RecoverRow{"recover", tell<true>},
    RecoverRow{"retry", retry},         RecoverRow{"delete", destroy},
    RecoverRow{"delete", recreate},     RecoverRow{"delete", forget},
};

Result<Value> vm_recover(Draft& draft, const Context& call) {
  const int code = call.args.integer(1);
  const VmId id{call.args.integer(0)};
  NUBO_CHECK(draft.get<Vm>(id));
  if (code < 0 || code >= static_cast<int>(recoveries.size())) {
    return fail(Code::action, "Wrong recovery operation code");
  }
  const RecoverRow& row = recoveries[static_cast<std::size_t>(code)];
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, id.value, row.operation));
  NUBO_CHECK(row.apply(draft, *vm, call));
  return vm->id.value;
}

}  // namespace

Caller caller_of(const Context& call) {
  return {call.caller.uid, call.caller.gid, call.request_id};
}

Result<Ptr<Vm>> permitted_vm(const Draft& draft, const Context& call, int id,
                             std::string_view operation) {
  const Right right = vm_operation_right(draft.view(), call.caller, operation);
  return permitted<Vm>(draft, call, id, right);
}

Result<Vector> given_vector(const Context& call, std::size_t place, std::string_view name,
                            const Error& missing) {
  NUBO_TRY(const Template given, parse_template(call.args.text(place)));
  const std::string found = first_restricted(restricted_names(call, ObjectType::vm), given);
  if (!found.empty()) {
    return fail(Code::authorization, "User [{}] : Template includes a restricted attribute {}.",
                call.caller.uid, found.substr(found.find('/') + 1));
  }
  const Vector* vector = given.vector(name);
  if (!vector) return Failure(missing);
  return *vector;
}

std::vector<Call> vm_life_calls() {
  const Parameter host{"host", Type::integer};
  const Parameter enforce{"enforce", Type::flag, Value(false)};
  const Parameter datastore{"datastore", Type::integer, Value(-1)};
  return {
      {"one.vm.action", {{"action", Type::text}, an_id}, vm_action},
      {"one.vm.deploy",
       {an_id, host, enforce, datastore, {"template", Type::text, Value("")}},
       vm_deploy},
      {"one.vm.migrate",
       {an_id, host, {"live", Type::flag}, enforce, datastore, {"type", Type::integer, Value(0)}},
       vm_migrate},
      {"one.vm.recover", {an_id, {"operation", Type::integer}}, vm_recover},
  };
}

}  // namespace nubo::api
