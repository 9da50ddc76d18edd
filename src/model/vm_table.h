// SPDX-License-Identifier: Apache-2.0
// The rows of the VM machine (see vm_machine.h). One block per subject; the order inside a block
// is that of the states' numbers. Included by vm_machine.cc only.
#pragma once

#include "model/vm_table_changes.h"

namespace nubo::vm_table {

// --- waiting to be placed, and placed ------------------------------------------------------------
inline constexpr std::array placing{
    VmRow{pending, E::hold, on_hold},
    VmRow{on_hold, E::release, pending, O::none, requirements},
    VmRow{pending, E::deploy, at(L::prolog), O::tm_prolog},
    VmRow{pending, E::deploy_stopped, at(L::prolog_resume), O::tm_prolog_resume},
    VmRow{pending, E::deploy_undeployed, at(L::prolog_undeploy), O::tm_prolog_resume},
    VmRow{on_hold, E::deploy, at(L::prolog), O::tm_prolog},
    VmRow{on_hold, E::deploy_stopped, at(L::prolog_resume), O::tm_prolog_resume},
    VmRow{on_hold, E::deploy_undeployed, at(L::prolog_undeploy), O::tm_prolog_resume},
    VmRow{stopped, E::deploy, at(L::prolog), O::tm_prolog},
    VmRow{stopped, E::deploy_stopped, at(L::prolog_resume), O::tm_prolog_resume},
    VmRow{stopped, E::deploy_undeployed, at(L::prolog_undeploy), O::tm_prolog_resume},
    VmRow{undeployed, E::deploy, at(L::prolog), O::tm_prolog},
    VmRow{undeployed, E::deploy_stopped, at(L::prolog_resume), O::tm_prolog_resume},
    VmRow{undeployed, E::deploy_undeployed, at(L::prolog_undeploy), O::tm_prolog_resume},
    VmRow{cloning, E::images_ready, pending, O::none, fills_cloned_disks},
    VmRow{cloning, E::images_ready_on_hold, on_hold, O::none, fills_cloned_disks},
    VmRow{cloning, E::images_pending, cloning},
    VmRow{cloning, E::images_failed, cloning_failure},
    VmRow{cloning_failure, E::images_ready, pending, O::none, fills_cloned_disks},
    VmRow{cloning_failure, E::images_ready_on_hold, on_hold, O::none, fills_cloned_disks},
    VmRow{cloning_failure, E::images_pending, cloning},
    VmRow{cloning_failure, E::images_failed, cloning_failure},
};

// --- actions of users ----------------------------------------------------------------------------
inline constexpr std::array user_actions{
    VmRow{at(L::running), E::stop, at(L::save_stop), O::vmm_save, asked, A::stop},
    VmRow{suspended, E::stop, at(L::epilog_stop), O::tm_epilog_stop, note_action | epilog_begins,
          A::stop},
    VmRow{at(L::running), E::suspend, at(L::save_suspend), O::vmm_save, asked, A::suspend},
    VmRow{stopped, E::resume, pending, O::none, requirements},
    VmRow{undeployed, E::resume, pending, O::none, requirements},
    VmRow{suspended, E::resume, at(L::boot_suspended), O::vmm_restore, reopen_record, A::resume},
    VmRow{powered_off, E::resume, at(L::boot_poweroff), O::vmm_deploy, reopen_record, A::resume},
    VmRow{at(L::unknown), E::resume, at(L::boot_unknown), O::vmm_deploy},
    VmRow{at(L::running), E::reboot, at(L::running), O::vmm_reboot, clear_resched},
    VmRow{at(L::running), E::reboot_hard, at(L::running), O::vmm_reset, clear_resched},
    VmRow{at(L::running), E::resched, at(L::running), O::none, requirements | set_resched},
    VmRow{at(L::unknown), E::resched, at(L::unknown), O::none, requirements | set_resched},
    VmRow{powered_off, E::resched, powered_off, O::none, requirements | set_resched},
    VmRow{at(L::running), E::unresched, at(L::running), O::none, clear_resched},
    VmRow{at(L::unknown), E::unresched, at(L::unknown), O::none, clear_resched},
    VmRow{powered_off, E::unresched, powered_off, O::none, clear_resched},

    VmRow{at(L::running), E::poweroff, at(L::shutdown_poweroff), O::vmm_shutdown, asked,
          A::poweroff},
    VmRow{at(L::unknown), E::poweroff, at(L::shutdown_poweroff), O::vmm_shutdown, asked,
          A::poweroff},
    VmRow{at(L::running), E::poweroff_hard, at(L::shutdown_poweroff), O::vmm_cancel, asked,
          A::poweroff_hard},
    VmRow{at(L::unknown), E::poweroff_hard, at(L::shutdown_poweroff), O::vmm_cancel, asked,
          A::poweroff_hard},
    VmRow{at(L::shutdown_poweroff), E::poweroff_hard, at(L::shutdown_poweroff), O::vmm_cancel,
          note_action, A::poweroff_hard},

    VmRow{at(L::running), E::undeploy, at(L::shutdown_undeploy), O::vmm_shutdown, asked,
          A::undeploy},
    VmRow{at(L::unknown), E::undeploy, at(L::shutdown_undeploy), O::vmm_shutdown, asked,
          A::undeploy},
    VmRow{at(L::running), E::undeploy_hard, at(L::shutdown_undeploy), O::vmm_cancel, asked,
          A::undeploy_hard},
    VmRow{at(L::unknown), E::undeploy_hard, at(L::shutdown_undeploy), O::vmm_cancel, asked,
          A::undeploy_hard},
    VmRow{at(L::shutdown_undeploy), E::undeploy_hard, at(L::shutdown_undeploy), O::vmm_cancel,
          note_action, A::undeploy_hard},
    VmRow{powered_off, E::undeploy, at(L::epilog_undeploy), O::tm_epilog_stop,
          note_action | epilog_begins, A::undeploy},
    VmRow{powered_off, E::undeploy_hard, at(L::epilog_undeploy), O::tm_epilog_stop,
          note_action | epilog_begins, A::undeploy},

    VmRow{at(L::running), E::terminate, at(L::shutdown), O::vmm_shutdown, asked, A::terminate},
    VmRow{at(L::unknown), E::terminate, at(L::shutdown), O::vmm_shutdown, asked, A::terminate},
    VmRow{at(L::running), E::terminate_hard, at(L::shutdown), O::vmm_cancel, asked,
          A::terminate_hard},
    VmRow{at(L::unknown), E::terminate_hard, at(L::shutdown), O::vmm_cancel, asked,
          A::terminate_hard},
    VmRow{at(L::shutdown), E::terminate_hard, at(L::shutdown), O::vmm_cancel, note_action,
          A::terminate_hard},
};

/// terminate and terminate-hard are the same where no guest runs.
constexpr std::array<VmRow, 11> terminating(VmEvent event) {
  constexpr Notes begins = note_action | epilog_begins;
  return {
      VmRow{suspended, event, at(L::epilog), O::tm_epilog, begins, A::terminate},
      VmRow{powered_off, event, at(L::epilog), O::tm_epilog, begins, A::terminate},
      VmRow{stopped, event, at(L::epilog), O::tm_epilog_front_end, begins, A::terminate},
      VmRow{undeployed, event, at(L::epilog), O::tm_epilog_front_end, begins, A::terminate},
      VmRow{off(VmState::init), event, done, O::none, gives_up_resources},
      VmRow{pending, event, done, O::none, gives_up_resources},
      VmRow{on_hold, event, done, O::none, gives_up_resources},
      VmRow{cloning, event, done, O::none, gives_up_resources},
      VmRow{cloning_failure, event, done, O::none, gives_up_resources},
      VmRow{done, event, done},
      VmRow{at(L::cleanup_resubmit), event, done, O::tm_epilog_delete, gives_up_resources},
  };
}

// --- migration -----------------------------------------------------------------------------------
inline constexpr Notes moved_off_line =
    note_action | clear_resched | previous_ends | prolog_begins | free_source | drop_snapshots;
inline constexpr std::array migrating{
    VmRow{at(L::running), E::migrate_live, at(L::migrate), O::vmm_migrate,
          note_previous_action | clear_resched, A::live_migrate},
    VmRow{at(L::running), E::migrate_save, at(L::save_migrate), O::vmm_save,
          note_action | note_previous_action | clear_resched, A::migrate},
    VmRow{at(L::running), E::migrate_poweroff, at(L::save_migrate), O::vmm_shutdown,
          note_action | note_previous_action | clear_resched, A::poweroff_migrate},
    VmRow{at(L::running), E::migrate_poweroff_hard, at(L::save_migrate), O::vmm_cancel,
          note_action | note_previous_action | clear_resched, A::poweroff_hard_migrate},
    VmRow{powered_off, E::migrate_save, at(L::prolog_migrate_poweroff), O::tm_prolog_migrate,
          moved_off_line, A::migrate},
    VmRow{suspended, E::migrate_save, at(L::prolog_migrate_suspend), O::tm_prolog_migrate,
          moved_off_line, A::migrate},
    VmRow{at(L::unknown), E::migrate_save, at(L::prolog_migrate_unknown), O::tm_prolog_migrate,
          moved_off_line | note_previous_action, A::migrate},
};

// --- what driver operations come to --------------------------------------------------------------
constexpr VmRow back_to_running = then(at(L::running), O::none, forget_action);
constexpr VmRow runs = then(at(L::running), O::none, runs_now);

inline constexpr auto prologs = joined(
    outcome(L::prolog, then(at(L::boot), O::vmm_deploy, boot_begins), then(at(L::prolog_failure))),
    outcome(L::prolog_resume, then(at(L::boot_stopped), O::vmm_restore, boot_begins),
            then(at(L::prolog_resume_failure))),
    outcome(L::prolog_undeploy, then(at(L::boot_undeploy), O::vmm_deploy, boot_begins),
            then(at(L::prolog_undeploy_failure))),
    outcome(L::prolog_migrate, then(at(L::boot_migrate), O::vmm_restore, boot_begins),
            then(at(L::prolog_migrate_failure))),
    outcome(L::prolog_migrate_unknown, then(at(L::boot), O::vmm_deploy, boot_begins),
            then(at(L::prolog_migrate_unknown_failure))),
    outcome(L::prolog_migrate_poweroff, then(powered_off, O::none, prolog_ends | ends_running),
            then(at(L::prolog_migrate_poweroff_failure))),
    outcome(L::prolog_migrate_suspend, then(suspended, O::none, prolog_ends | ends_running),
            then(at(L::prolog_migrate_suspend_failure))));

inline constexpr auto boots = joined(
    outcome(L::boot, runs, then(at(L::boot_failure), O::none, running_ends)),
    outcome(L::boot_poweroff, runs, then(powered_off, O::none, running_ends)),
    outcome(L::boot_unknown, runs, then(at(L::unknown), O::none, running_ends)),
    outcome(L::boot_suspended, runs, then(suspended, O::none, running_ends)),
    outcome(L::boot_stopped, runs,
            then(at(L::boot_stopped_failure), O::none, running_ends | record_ends)),
    outcome(L::boot_undeploy, runs,
            then(at(L::boot_undeploy_failure), O::none, running_ends | record_ends)),
    outcome(L::boot_migrate, runs, then(at(L::boot_migrate_failure), O::none, running_ends)));

inline constexpr auto leaving = joined(
    outcome(L::migrate,
            then(at(L::running), O::none,
                 migration_arrived | previous_ends | free_source | drop_snapshots),
            then(at(L::running), O::none, revert_migration)),
    outcome(L::save_migrate, then(at(L::prolog_migrate), O::tm_prolog_migrate, migrated_away),
            then(at(L::running), O::none, revert_migration)),
    outcome(L::save_suspend, then(suspended, O::none, ends_running), back_to_running),
    outcome(L::save_stop, then(at(L::epilog_stop), O::tm_epilog_stop, to_epilog), back_to_running),
    outcome(L::shutdown, then(at(L::epilog), O::tm_epilog, to_epilog | ends_exec), back_to_running),
    outcome(L::shutdown_poweroff, then(powered_off, O::none, ends_running | ends_exec),
            back_to_running),
    outcome(L::shutdown_undeploy,
            then(at(L::epilog_undeploy), O::tm_epilog_stop, to_epilog | ends_exec),
            back_to_running),
    outcome(L::epilog, then(done, O::none, finished), then(at(L::epilog_failure))),
    outcome(L::epilog_stop, then(stopped, O::none, epilog_ends | free_capacity | action_of_stop),
            then(at(L::epilog_stop_failure))),
    outcome(L::epilog_undeploy,
            then(undeployed, O::none, epilog_ends | free_capacity | action_of_undeploy),
            then(at(L::epilog_undeploy_failure))),
    outcome(L::cleanup_resubmit, then(pending, O::none, forget_deploy_id),
            then(pending, O::none, forget_deploy_id)));

// A cold migration by power-off has no checkpoint: it boots anew on the other side.
inline constexpr std::array without_checkpoint{
    VmRow{at(L::prolog_migrate), E::moved_without_checkpoint, at(L::boot), O::vmm_deploy,
          boot_begins | ends_exec},
    VmRow{at(L::prolog_migrate_failure), E::moved_without_checkpoint, at(L::boot), O::vmm_deploy,
          boot_begins | ends_exec},
};

// --- what monitoring saw -------------------------------------------------------------------------
constexpr std::array<VmRow, 1> found_running(LcmState from) {
  return {VmRow{at(from), E::seen_running, at(L::running), O::none, runs_now}};
}

inline constexpr auto monitored = joined(
    std::array{
        VmRow{powered_off, E::seen_running, at(L::running), O::none, reopen_record | runs_now},
        VmRow{suspended, E::seen_running, at(L::running), O::none, reopen_record | runs_now},
        VmRow{at(L::unknown), E::seen_running, at(L::running)},
        VmRow{at(L::running), E::seen_failure, at(L::unknown), O::none, clear_resched},
        VmRow{at(L::running), E::seen_unknown, at(L::unknown)},
        VmRow{at(L::running), E::host_failed, at(L::unknown), O::none, clear_resched},
        VmRow{at(L::running), E::seen_suspended, suspended, O::none, asked | ends_running,
              A::monitor},
        VmRow{at(L::unknown), E::seen_suspended, suspended, O::none, asked | ends_running,
              A::monitor},
        VmRow{at(L::running), E::seen_poweroff, powered_off, O::none,
              asked | ends_running | ends_exec, A::monitor},
        VmRow{at(L::unknown), E::seen_poweroff, powered_off, O::none,
              asked | ends_running | ends_exec, A::monitor},
        VmRow{at(L::shutdown), E::seen_poweroff, at(L::epilog), O::tm_epilog,
              to_epilog | ends_exec},
        VmRow{at(L::shutdown_poweroff), E::seen_poweroff, powered_off, O::none,
              ends_running | ends_exec},
        VmRow{at(L::shutdown_undeploy), E::seen_poweroff, at(L::epilog_undeploy), O::tm_epilog_stop,
              to_epilog | ends_exec},
    },
    found_running(L::boot), found_running(L::boot_unknown), found_running(L::boot_poweroff),
    found_running(L::boot_suspended), found_running(L::boot_stopped),
    found_running(L::boot_undeploy), found_running(L::boot_migrate), found_running(L::boot_failure),
    found_running(L::boot_migrate_failure), found_running(L::boot_undeploy_failure),
    found_running(L::boot_stopped_failure));

// --- ways out of failures ------------------------------------------------------------------------
/// A failure state: success goes on as the base state's would, failure stays, retry starts again.
constexpr std::array<VmRow, 3> failure(LcmState from, LcmState base, VmOperation again,
                                       VmRow good) {
  VmRow success = good;
  success.from = at(from);
  success.on = E::recover_success;
  if (success.notes & runs_now) success.notes |= invent_deploy_id;
  return {success, VmRow{at(from), E::recover_failure, at(from)},
          VmRow{at(from), E::retry, at(base), again}};
}

/// The same for a migration's transfer: giving it up takes the VM back to where it was.
constexpr std::array<VmRow, 3> transfer_failure(LcmState from, LcmState base, VmRow good) {
  auto rows = failure(from, base, O::tm_prolog_migrate, good);
  rows[1] = good;
  rows[1].from = at(from);
  rows[1].on = E::recover_failure;
  rows[1].notes |= return_to_previous;
  return rows;
}

inline constexpr auto failures =
    joined(failure(L::boot_failure, L::boot, O::vmm_deploy, runs),
           failure(L::boot_migrate_failure, L::boot_migrate, O::vmm_restore, runs),
           failure(L::boot_undeploy_failure, L::boot_undeploy, O::vmm_deploy, runs),
           failure(L::boot_stopped_failure, L::boot_stopped, O::vmm_restore, runs),
           failure(L::prolog_failure, L::prolog, O::tm_prolog,
                   then(at(L::boot), O::vmm_deploy, boot_begins)),
           failure(L::prolog_resume_failure, L::prolog_resume, O::tm_prolog_resume,
                   then(at(L::boot_stopped), O::vmm_restore, boot_begins)),
           failure(L::prolog_undeploy_failure, L::prolog_undeploy, O::tm_prolog_resume,
                   then(at(L::boot_undeploy), O::vmm_deploy, boot_begins)),
           transfer_failure(L::prolog_migrate_failure, L::prolog_migrate,
                            then(at(L::boot_migrate), O::vmm_restore, boot_begins)),
           transfer_failure(L::prolog_migrate_unknown_failure, L::prolog_migrate_unknown,
                            then(at(L::boot), O::vmm_deploy, boot_begins)),
           transfer_failure(L::prolog_migrate_poweroff_failure, L::prolog_migrate_poweroff,
                            then(powered_off, O::none, prolog_ends | ends_running)),
           transfer_failure(L::prolog_migrate_suspend_failure, L::prolog_migrate_suspend,
                            then(suspended, O::none, prolog_ends | ends_running)),
           failure(L::epilog_failure, L::epilog, O::tm_epilog, then(done, O::none, finished)),
           failure(L::epilog_stop_failure, L::epilog_stop, O::tm_epilog_stop,
                   then(stopped, O::none, epilog_ends | free_capacity | action_of_stop)),
           failure(L::epilog_undeploy_failure, L::epilog_undeploy, O::tm_epilog_stop,
                   then(undeployed, O::none, epilog_ends | free_capacity | action_of_undeploy)));

constexpr std::array<VmRow, 1> again(LcmState state, VmOperation operation) {
  return {VmRow{at(state), E::retry, at(state), operation}};
}

constexpr std::array<VmRow, 2> soft_or_hard(LcmState state) {
  return {VmRow{at(state), E::retry_soft, at(state), O::vmm_shutdown},
          VmRow{at(state), E::retry_hard, at(state), O::vmm_cancel}};
}

inline constexpr auto retries = joined(
    again(L::boot, O::vmm_deploy), again(L::boot_poweroff, O::vmm_deploy),
    again(L::boot_unknown, O::vmm_deploy), again(L::boot_undeploy, O::vmm_deploy),
    again(L::boot_migrate, O::vmm_restore), again(L::boot_suspended, O::vmm_restore),
    again(L::boot_stopped, O::vmm_restore), again(L::save_stop, O::vmm_save),
    again(L::save_suspend, O::vmm_save), again(L::migrate, O::vmm_migrate),
    again(L::prolog, O::tm_prolog), again(L::prolog_resume, O::tm_prolog_resume),
    again(L::prolog_undeploy, O::tm_prolog_resume), again(L::prolog_migrate, O::tm_prolog_migrate),
    again(L::prolog_migrate_poweroff, O::tm_prolog_migrate),
    again(L::prolog_migrate_suspend, O::tm_prolog_migrate),
    again(L::prolog_migrate_unknown, O::tm_prolog_migrate), again(L::epilog, O::tm_epilog),
    again(L::epilog_stop, O::tm_epilog_stop), again(L::epilog_undeploy, O::tm_epilog_stop),
    again(L::save_migrate, O::vmm_save), soft_or_hard(L::save_migrate), soft_or_hard(L::shutdown),
    soft_or_hard(L::shutdown_poweroff), soft_or_hard(L::shutdown_undeploy));

inline constexpr std::array recovering{
    VmRow{at(L::running), E::recover_success, at(L::running)},
    VmRow{at(L::running), E::recover_failure, at(L::running)},
    VmRow{at(L::unknown), E::recover_success, at(L::running)},
    VmRow{at(L::unknown), E::recover_failure, at(L::running)},
};

// --- the end by force ----------------------------------------------------------------------------
constexpr Notes left_target = running_ends | previous_ends | free_source;

inline constexpr auto wiping = joined(
    wipe(L::prolog, O::tm_epilog_delete, prolog_ends),
    wipe(L::prolog_resume, O::tm_epilog_delete, prolog_ends),
    wipe(L::prolog_undeploy, O::tm_epilog_delete, prolog_ends),
    wipe(L::boot, O::vmm_cleanup, running_ends), wipe(L::running, O::vmm_cleanup, running_ends),
    wipe(L::unknown, O::vmm_cleanup, running_ends),
    wipe(L::boot_unknown, O::vmm_cleanup, running_ends),
    wipe(L::boot_poweroff, O::vmm_cleanup, running_ends),
    wipe(L::boot_suspended, O::vmm_cleanup, running_ends),
    wipe(L::boot_stopped, O::vmm_cleanup, running_ends),
    wipe(L::boot_undeploy, O::vmm_cleanup, running_ends),
    wipe(L::boot_migrate, O::vmm_cleanup, running_ends),
    wipe(L::shutdown, O::vmm_cleanup, running_ends),
    wipe(L::shutdown_poweroff, O::vmm_cleanup, running_ends),
    wipe(L::shutdown_undeploy, O::vmm_cleanup, running_ends),
    wipe(L::save_stop, O::vmm_cleanup, running_ends),
    wipe(L::save_suspend, O::vmm_cleanup, running_ends),
    wipe(L::migrate, O::vmm_cleanup_both, left_target),
    wipe(L::save_migrate, O::vmm_cleanup_previous, left_target),
    wipe(L::prolog_migrate, O::tm_epilog_delete_both, prolog_ends),
    wipe(L::prolog_migrate_poweroff, O::tm_epilog_delete_both, prolog_ends),
    wipe(L::prolog_migrate_suspend, O::tm_epilog_delete_both, prolog_ends),
    wipe(L::prolog_migrate_unknown, O::tm_epilog_delete_both, prolog_ends),
    wipe(L::epilog, O::tm_epilog_delete, epilog_ends),
    wipe(L::epilog_stop, O::tm_epilog_delete, epilog_ends),
    wipe(L::epilog_undeploy, O::tm_epilog_delete, epilog_ends));

/// In a failure state terminate means destroy (vm-lifecycle.md §2.3).
constexpr std::array<VmRow, 4> wipe_failure(LcmState from, VmOperation operation, Notes times) {
  const auto rows = wipe(from, operation, times);
  VmRow terminate = rows[0];
  VmRow terminate_hard = rows[0];
  terminate.on = E::terminate;
  terminate_hard.on = E::terminate_hard;
  return {rows[0], rows[1], terminate, terminate_hard};
}

inline constexpr auto wiping_failures =
    joined(wipe_failure(L::prolog_failure, O::tm_epilog_delete, prolog_ends),
           wipe_failure(L::prolog_resume_failure, O::tm_epilog_delete, prolog_ends),
           wipe_failure(L::prolog_undeploy_failure, O::tm_epilog_delete, prolog_ends),
           wipe_failure(L::boot_failure, O::vmm_cleanup, running_ends),
           wipe_failure(L::boot_migrate_failure, O::vmm_cleanup, running_ends),
           wipe_failure(L::boot_undeploy_failure, O::vmm_cleanup, running_ends),
           wipe_failure(L::boot_stopped_failure, O::vmm_cleanup, running_ends),
           wipe_failure(L::prolog_migrate_failure, O::tm_epilog_delete_both, prolog_ends),
           wipe_failure(L::prolog_migrate_poweroff_failure, O::tm_epilog_delete_both, prolog_ends),
           wipe_failure(L::prolog_migrate_suspend_failure, O::tm_epilog_delete_both, prolog_ends),
           wipe_failure(L::prolog_migrate_unknown_failure, O::tm_epilog_delete_both, prolog_ends),
           wipe_failure(L::epilog_failure, O::tm_epilog_delete, epilog_ends),
           wipe_failure(L::epilog_stop_failure, O::tm_epilog_delete, epilog_ends),
           wipe_failure(L::epilog_undeploy_failure, O::tm_epilog_delete, epilog_ends));

inline constexpr Notes off_host = free_capacity | drop_snapshots;

inline constexpr std::array wiping_off{
    VmRow{off(VmState::init), E::destroy, done, O::none, gives_up_resources},
    VmRow{pending, E::destroy, done, O::none, gives_up_resources},
    VmRow{on_hold, E::destroy, done, O::none, gives_up_resources},
    VmRow{cloning, E::destroy, done, O::none, gives_up_resources},
    VmRow{cloning_failure, E::destroy, done, O::none, gives_up_resources},
    VmRow{suspended, E::destroy, done, O::tm_epilog_delete, off_host | gives_up_resources},
    VmRow{powered_off, E::destroy, done, O::tm_epilog_delete, off_host | gives_up_resources},
    VmRow{stopped, E::destroy, done, O::tm_epilog_front_end, gives_up_resources},
    VmRow{undeployed, E::destroy, done, O::tm_epilog_front_end, gives_up_resources},
    VmRow{at(L::cleanup_resubmit), E::destroy, done, O::tm_epilog_delete, gives_up_resources},
    VmRow{done, E::destroy, done},
    VmRow{off(VmState::init), E::recreate, off(VmState::init)},
    VmRow{pending, E::recreate, pending},
    VmRow{cloning, E::recreate, cloning},
    VmRow{cloning_failure, E::recreate, cloning_failure},
    VmRow{on_hold, E::recreate, pending, O::none, note_action, A::destroy_recreate},
    VmRow{stopped, E::recreate, pending, O::tm_epilog_front_end, note_action, A::destroy_recreate},
    VmRow{undeployed, E::recreate, pending, O::tm_epilog_front_end, note_action,
          A::destroy_recreate},
    VmRow{suspended, E::recreate, at(L::cleanup_resubmit), O::vmm_cleanup, wiped,
          A::destroy_recreate},
    VmRow{powered_off, E::recreate, at(L::cleanup_resubmit), O::vmm_cleanup, wiped,
          A::destroy_recreate},
};

/// Forgetting calls no driver; from any state it leaves the database clean.
template <std::size_t n>
constexpr std::array<VmRow, n> forgetting(const std::array<VmRow, n>& destroying) {
  std::array<VmRow, n> rows = destroying;
  for (VmRow& row : rows) {
    row.on = E::forget;
    row.operation = O::none;
  }
  return rows;
}

template <std::size_t n>
constexpr std::size_t count_of(const std::array<VmRow, n>& rows, VmEvent event) {
  std::size_t count = 0;
  for (const VmRow& row : rows) count += row.on == event ? 1 : 0;
  return count;
}

inline constexpr auto all_wiping = joined(wiping, wiping_failures, wiping_off, wiping_changes);

constexpr auto destroying_rows() {
  std::array<VmRow, count_of(all_wiping, E::destroy)> rows{};
  std::size_t place = 0;
  for (const VmRow& row : all_wiping) {
    if (row.on == E::destroy) rows[place++] = row;
  }
  return rows;
}

inline constexpr auto rows = joined(
    placing, user_actions, terminating(E::terminate), terminating(E::terminate_hard), migrating,
    prologs, boots, leaving, without_checkpoint, monitored, failures, retries, recovering, changing,
    configuring, change_ends, all_wiping, forgetting(destroying_rows()));

// --- what holds for the whole table --------------------------------------------------------------
consteval bool one_row_per_state_and_event() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) {
      if (rows[i].from == rows[j].from && rows[i].on == rows[j].on) return false;
    }
  }
  return true;
}

consteval bool has(StatePair from, VmEvent on) {
  for (const VmRow& row : rows) {
    if (row.from == from && row.on == on) return true;
  }
  return false;
}

constexpr bool keeps_no_state(VmOperation operation) {
  return operation == O::none || operation == O::vmm_reboot || operation == O::vmm_reset;
}

/// A state entered by starting an operation hears of its end both ways and can be left by force.
consteval bool every_wait_can_end() {
  for (const VmRow& row : rows) {
    if (keeps_no_state(row.operation) || row.to.vm != VmState::active) continue;
    if (!has(row.to, E::succeeded) || !has(row.to, E::failed) || !has(row.to, E::destroy)) {
      return false;
    }
  }
  return true;
}

/// A state that can be entered can also be left, but DONE.
consteval bool no_dead_end() {
  for (const VmRow& row : rows) {
    if (row.to != done && !has(row.to, E::destroy)) return false;
  }
  return true;
}

/// Each state that has rows is entered by one, but INIT.
consteval bool every_state_is_reached() {
  for (const VmRow& row : rows) {
    bool reached = row.from == off(VmState::init) || row.from == pending || row.from == on_hold ||
                   row.from == cloning;
    for (const VmRow& other : rows) {
      reached = reached || (other.to == row.from && other.from != row.from);
    }
    if (!reached) return false;
  }
  return true;
}

static_assert(one_row_per_state_and_event());
static_assert(every_wait_can_end());
static_assert(no_dead_end());
static_assert(every_state_is_reached());

}  // namespace nubo::vm_table
