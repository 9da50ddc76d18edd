// SPDX-License-Identifier: Apache-2.0
#include "flow/bookkeeping.h"

#include <array>

#include "flow/capacity.h"
#include "flow/disk_snapshots.h"
#include "flow/pci_changes.h"
#include "flow/release.h"
#include "flow/requirements.h"
#include "flow/vm_change.h"

namespace nubo {
namespace {

struct Books {
  Draft& draft;
  Vm& vm;
  const VmRow& row;
  const Caller& caller;
  EpochSeconds now;
};

void sign(History& record, VmAction action, const Caller& caller) {
  record.action = action;
  record.uid = caller.uid;
  record.gid = caller.gid;
  record.request_id = caller.request_id;
}

void unsign(History& record) { sign(record, VmAction::none, {}); }

/// Sets a time of the current record; a VM without history has none to set.
template <EpochSeconds History::*... times>
Status stamp(const Books& books) {
  if (History* record = books.vm.current()) ((record->*times = books.now), ...);
  return ok();
}

Status do_note_action(const Books& books) {
  if (History* record = books.vm.current()) sign(*record, books.row.action, books.caller);
  return ok();
}

Status do_note_previous_action(const Books& books) {
  if (History* record = books.vm.previous()) sign(*record, books.row.action, books.caller);
  return ok();
}

Status do_reopen_record(const Books& books) {
  History* record = books.vm.current();
  if (!record) return ok();
  record->end_time = books.now;
  History copy = *record;
  ++copy.sequence;
  copy.start_time = copy.running_start = books.now;
  copy.end_time = copy.running_end = {};
  copy.prolog_start = copy.prolog_end = copy.epilog_start = copy.epilog_end = {};
  sign(copy, books.row.action, books.caller);
  books.vm.history.list.push_back(copy);
  return ok();
}

/// The record that ends says what was done; its copy goes on with what it said before.
Status do_new_record(const Books& books) {
  History* record = books.vm.current();
  if (!record) return ok();
  History copy = *record;
  if (record->running_end == EpochSeconds{}) record->running_end = books.now;
  record->end_time = books.now;
  sign(*record, books.row.action, books.caller);
  ++copy.sequence;
  copy.start_time = copy.running_start = books.now;
  copy.end_time = {};
  copy.running_end = books.vm.lcm_state == LcmState::running ? EpochSeconds{} : books.now;
  copy.prolog_start = copy.prolog_end = copy.epilog_start = copy.epilog_end = {};
  sign(copy, copy.action, {});
  books.vm.history.list.push_back(copy);
  return ok();
}

template <void (*end)(Draft&, Vm&, const Effect&)>
Status end_change(const Books& books) {
  if (const Effect* effect = operation_under_way(books.draft, books.vm.id)) {
    end(books.draft, books.vm, Effect(*effect));
  }
  return ok();
}

Status do_ends_exec(const Books& books) {
  Vector* exec = books.vm.system.vector("QEMU_GA_EXEC");
  if (exec && exec->get("STATUS") == "EXECUTING") exec->set("STATUS", "CANCELLED");
  return ok();
}

Status do_drop_disk_snapshots(const Books& books) {
  drop_disk_snapshots_of_clones(books.vm);
  return ok();
}

Status do_record_ends(const Books& books) {
  History* record = books.vm.current();
  if (record && record->end_time == EpochSeconds{}) record->end_time = books.now;
  return ok();
}

Status do_runs_now(const Books& books) {
  if (History* record = books.vm.current()) {
    unsign(*record);
    record->end_time = record->running_end = {};
  }
  return ok();
}

Status do_forget_action(const Books& books) {
  if (History* record = books.vm.current()) unsign(*record);
  return ok();
}

Status do_previous_ends(const Books& books) {
  if (History* record = books.vm.previous()) {
    record->end_time = record->running_end = books.now;
  }
  return ok();
}

void leave_host(const Books& books, HostId host) {
  refund(books.draft, host, books.vm);
  free_pci_devices(books.draft, host, books.vm);
}

Status do_free_source(const Books& books) {
  const History* from = books.vm.previous();
  const History* to = books.vm.current();
  if (from && to && from->host_id != to->host_id) leave_host(books, from->host_id);
  return ok();
}

Status do_free_capacity(const Books& books) {
  if (const History* record = books.vm.current()) leave_host(books, record->host_id);
  return ok();
}

/// A new record that goes on where the previous one stopped.
void reopen_previous(const Books& books) {
  History& left = *books.vm.current();
  const History source = *books.vm.previous();
  if (left.host_id != source.host_id) refund(books.draft, left.host_id, books.vm);
  left.end_time = books.now;
  History again = source;
  again.sequence = left.sequence + 1;
  again.start_time = books.now;
  again.end_time = again.running_end = {};
  unsign(again);
  books.vm.history.list.push_back(again);
}

Status do_revert_migration(const Books& books) {
  if (!books.vm.previous()) return ok();
  NUBO_CHECK(do_previous_ends(books));
  reopen_previous(books);
  books.vm.current()->running_start = books.now;
  return ok();
}

Status do_return_to_previous(const Books& books) {
  History* source = books.vm.previous();
  if (!source) return ok();
  const bool moved = source->host_id != books.vm.current()->host_id;
  books.vm.current()->prolog_end = books.now;
  reopen_previous(books);
  books.vm.current()->prolog_start = books.now;
  if (moved) charge(books.draft, books.vm.current()->host_id, books.vm);
  return ok();
}

Status do_drop_snapshots(const Books& books) {
  const History* record = books.vm.current();
  if (record && record->keeps_snapshots) return ok();
  books.vm.system.erase("SNAPSHOT");
  return ok();
}

Status do_release_resources(const Books& books) {
  release_resources(books.draft, books.vm);
  return ok();
}

Status do_forget_deploy_id(const Books& books) {
  books.vm.deploy_id.clear();
  return ok();
}

Status do_invent_deploy_id(const Books& books) {
  if (books.vm.deploy_id.empty()) books.vm.deploy_id = fmt::format("one-{}", books.vm.id);
  return ok();
}

template <VmAction action>
Status action_if_none(const Books& books) {
  History* record = books.vm.current();
  if (record && record->action == VmAction::none) record->action = action;
  return ok();
}

Status do_fill_cloned_disks(const Books& books) {
  fill_cloned_disks(books.draft, books.vm);
  return ok();
}

Status do_requirements(const Books& books) {
  auto worked_out = set_automatic_requirements(books.draft, books.vm);
  if (!worked_out) worked_out.error().code = Code::action;
  return worked_out;
}

template <bool flag>
Status resched(const Books& books) {
  books.vm.resched = flag;
  return ok();
}

struct Note {
  Notes bit;
  Status (*keep)(const Books&);
};

using H = History;

constexpr std::array notes{
    Note{settle_change, end_change<settle>},
    Note{revert_change, end_change<take_back>},
    Note{ends_exec, do_ends_exec},
    Note{drop_disk_snapshots, do_drop_disk_snapshots},
    Note{new_record, do_new_record},
    Note{requirements, do_requirements},
    Note{clear_resched, resched<false>},
    Note{set_resched, resched<true>},
    Note{note_action, do_note_action},
    Note{note_previous_action, do_note_previous_action},
    Note{reopen_record, do_reopen_record},
    Note{return_to_previous, do_return_to_previous},
    Note{boot_begins, stamp<&H::prolog_end, &H::running_start>},
    Note{prolog_ends, stamp<&H::prolog_end>},
    Note{running_ends, stamp<&H::running_end>},
    Note{epilog_begins, stamp<&H::epilog_start>},
    Note{epilog_ends, stamp<&H::epilog_end, &H::end_time>},
    Note{record_ends, do_record_ends},
    Note{runs_now, do_runs_now},
    Note{forget_action, do_forget_action},
    Note{previous_ends, do_previous_ends},
    Note{migration_arrived, stamp<&H::running_start>},
    Note{prolog_begins, stamp<&H::prolog_start>},
    Note{free_source, do_free_source},
    Note{free_capacity, do_free_capacity},
    Note{revert_migration, do_revert_migration},
    Note{drop_snapshots, do_drop_snapshots},
    Note{forget_deploy_id, do_forget_deploy_id},
    Note{invent_deploy_id, do_invent_deploy_id},
    Note{action_of_stop, action_if_none<VmAction::stop>},
    Note{action_of_undeploy, action_if_none<VmAction::undeploy>},
    Note{fills_cloned_disks, do_fill_cloned_disks},
    Note{gives_up_resources, do_release_resources},
};

constexpr Notes kept() {
  Notes bits = 0;
  for (const Note& note : notes) bits |= note.bit;
  return bits;
}

static_assert(kept() == (1ULL << 33) - 1, "every Bookkeeping bit has its function");

}  // namespace

Status keep_books(Draft& draft, Vm& vm, const VmRow& row, const Caller& caller) {
  const Books books{draft, vm, row, caller, draft.now()};
  for (const Note& note : notes) {
    if (row.notes & note.bit) NUBO_CHECK(note.keep(books));
  }
  return ok();
}

}  // namespace nubo
