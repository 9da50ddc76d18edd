// SPDX-License-Identifier: Apache-2.0
// What the blocks of rows of the VM machine are written with: short names, sets of notes that go
// together, and groups of rows that states of one kind have alike. Included by the tables only.
#pragma once

#include <array>

#include "model/vm_machine.h"

namespace nubo::vm_table {

using E = VmEvent;
using L = LcmState;
using O = VmOperation;
using A = VmAction;

constexpr StatePair at(LcmState lcm) { return {VmState::active, lcm}; }

constexpr StatePair off(VmState vm) { return {vm, LcmState::lcm_init}; }

inline constexpr StatePair pending = off(VmState::pending);
inline constexpr StatePair on_hold = off(VmState::hold);
inline constexpr StatePair stopped = off(VmState::stopped);
inline constexpr StatePair suspended = off(VmState::suspended);
inline constexpr StatePair done = off(VmState::done);
inline constexpr StatePair powered_off = off(VmState::poweroff);
inline constexpr StatePair undeployed = off(VmState::undeployed);
inline constexpr StatePair cloning = off(VmState::cloning);
inline constexpr StatePair cloning_failure = off(VmState::cloning_failure);

inline constexpr Notes ends_running = running_ends | drop_snapshots;
inline constexpr Notes to_epilog = epilog_begins | running_ends | drop_snapshots;
inline constexpr Notes asked = note_action | clear_resched;
inline constexpr Notes finished = epilog_ends | free_capacity | gives_up_resources;
inline constexpr Notes migrated_away = previous_ends | prolog_begins | free_source | drop_snapshots;
inline constexpr Notes wiped =
    note_action | clear_resched | record_ends | free_capacity | drop_snapshots | ends_exec;

/// The rows of a state that waits: succeeded and failed, and recover's same answers.
constexpr std::array<VmRow, 4> outcome(LcmState from, VmRow good, VmRow bad) {
  const auto row = [from](VmRow like, VmEvent on) {
    like.from = at(from);
    like.on = on;
    return like;
  };
  VmRow told = row(good, E::recover_success);
  if (told.notes & runs_now) told.notes |= invent_deploy_id;
  return {row(good, E::succeeded), row(bad, E::failed), told, row(bad, E::recover_failure)};
}

constexpr VmRow then(StatePair to, VmOperation operation = O::none, Notes notes = nothing) {
  return VmRow{{}, E::succeeded, to, operation, notes};
}

template <std::size_t... n>
constexpr auto joined(const std::array<VmRow, n>&... parts) {
  std::array<VmRow, (n + ...)> all{};
  std::size_t place = 0;
  const auto append = [&](const auto& part) {
    for (const VmRow& row : part) all[place++] = row;
  };
  (append(parts), ...);
  return all;
}

/// Deleting at once, or wiping the VM to place it anew; `times` are what the state's end sets.
constexpr std::array<VmRow, 2> wipe(LcmState from, VmOperation operation, Notes times) {
  return {
      VmRow{at(from), E::destroy, done, operation, wiped | times | gives_up_resources, A::destroy},
      VmRow{at(from), E::recreate, at(L::cleanup_resubmit), operation,
            wiped | times | drop_disk_snapshots, A::destroy_recreate}};
}

}  // namespace nubo::vm_table
