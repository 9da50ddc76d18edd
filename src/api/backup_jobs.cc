// SPDX-License-Identifier: Apache-2.0
// one.backupjob.*, one.backupjobpool.* (sheets api.md §7, objects.md §9.3). Jobs, their VMs and
// their scheduled actions are kept; carrying a backup out comes later.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "api/generic.h"
#include "base/lists.h"
#include "text/trim.h"

namespace nubo::api {
namespace {

constexpr int last_priority = 99;
constexpr int last_common_priority = 50;  // above it administrators alone
constexpr const char* not_run_yet = "jobs are kept; carrying backups out comes later";
constexpr const char* job_key = "BACKUP_JOB_ID";

// --- the template of a job ----------------------------------------------------------------------

struct Choice {
  const char* name;
  std::vector<std::string> words;  // the first is the default
};

/// Ids of the list in its order; other words and direct repetitions go.
std::vector<VmId> listed_vms(const Template& attributes) {
  std::vector<VmId> vms;
  for (const std::string_view word : split(attributes.get("BACKUP_VMS"))) {
    const auto id = parse_number<int>(trimmed(word));
    if (id && (vms.empty() || vms.back().value != *id)) vms.push_back(VmId{*id});
  }
  return vms;
}

/// Puts the defaults in, and in place of what is not understood.
void settle_template(Template& attributes) {
  static const std::array choices{Choice{"EXECUTION", {"SEQUENTIAL", "PARALLEL"}},
                                  Choice{"MODE", {"FULL", "INCREMENT"}},
                                  Choice{"FS_FREEZE", {"NONE", "AGENT", "SUSPEND"}}};
  attributes.set("BACKUP_VMS", fmt::format("{}", fmt::join(listed_vms(attributes), ",")));
  attributes.set("BACKUP_VOLATILE", attributes.yes("BACKUP_VOLATILE") ? "YES" : "NO");
  const int keep = attributes.number<int>("KEEP_LAST").value_or(0);
  attributes.set("KEEP_LAST", std::to_string(std::max(keep, 0)));
  for (const Choice& choice : choices) {
    const std::string word = upper_case(attributes.get(choice.name));
    const bool known = std::ranges::find(choice.words, word) != choice.words.end();
    attributes.set(choice.name, known ? word : choice.words.front());
  }
  if (attributes.contains("RESET")) attributes.set("RESET", attributes.yes("RESET") ? "YES" : "NO");
  if (attributes.get("MODE") != "INCREMENT") return;
  const bool snapshot = upper_case(attributes.get("INCREMENT_MODE")) == "SNAPSHOT";
  attributes.set("INCREMENT_MODE", snapshot ? "SNAPSHOT" : "CBT");
}

// --- its VMs ------------------------------------------------------------------------------------

/// Marks the VMs of the job's list as its own; a VM is in one job only.
Status claim_vms(Draft& draft, const BackupJob& job) {
  for (const VmId id : listed_vms(job.attributes)) {
    if (!draft.find<Vm>(id)) continue;
    NUBO_TRY(Vm * vm, draft.edit<Vm>(id));
    const auto holder = vm->backups.config.number<int>(job_key);
    if (holder && *holder != job.id.value) {
      return fail(Code::internal,
                  "Unable to add VM {} to Backup Job {}. It's already in Backup Job {}", id, job.id,
                  *holder);
    }
    vm->backups.config.set(job_key, std::to_string(job.id.value));
  }
  return ok();
}

void release_vm(Draft& draft, VmId id) {
  if (!draft.find<Vm>(id)) return;
  (*draft.edit<Vm>(id))->backups.config.erase(job_key);
}

void forget_vm(BackupJob& job, VmId id) {
  for (auto* list : {&job.updated_vms, &job.outdated_vms, &job.backing_up_vms, &job.error_vms}) {
    list->erase(id);
  }
}

// --- changes ------------------------------------------------------------------------------------

Failure refused(const Error& cause) { return fail(Code::action, "{}", cause.message); }

Result<ScheduledActionId> add_action(Draft& draft, BackupJob& job, const Vector& keys) {
  ScheduledAction action;
  action.parent_id = job.id.value;
  action.parent_type = ScheduledAction::of_backup_job;
  NUBO_CHECK(apply_keys(action, keys));
  action.action = "backup";
  NUBO_TRY(const ScheduledActionId id, draft.insert(std::move(action)));
  job.scheduled_actions.insert(id);
  return id;
}

Status add_actions(Draft& draft, BackupJob& job, std::vector<Attribute> given) {
  for (Attribute& each : given) {
    if (!each.vector()) continue;
    Vector keys = *each.vector();
    keys.erase("ARGS");
    NUBO_CHECK(add_action(draft, job, keys));
  }
  return ok();
}

Result<int> priority_in(const Template& given) {
  if (!given.contains("PRIORITY")) return last_common_priority;
  const auto priority = given.number<int>("PRIORITY");
  if (priority && *priority >= 0 && *priority <= last_priority) return *priority;
  return fail(Code::internal, "Wrong PRIORITY, a number from 0 to {} is expected", last_priority);
}

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::backup_job)}}));
  const auto priority = priority_in(given);
  if (priority && *priority > last_common_priority && !call.caller.is_admin()) {
    return fail(Code::authorization, "User [{}] not authorized to perform action on {}.",
                call.caller.uid, names_of(ObjectType::backup_job).message);
  }
  const std::string name = given.get("NAME");
  NUBO_CHECK(check_name(name));
  if (!priority) return Failure(priority.error());
  given.erase("NAME");
  given.erase("PRIORITY");
  BackupJob made;
  static_cast<Owned&>(made) = owned_by_caller(call, name);
  made.priority = *priority;
  NUBO_TRY(const BackupJobId id, draft.insert(std::move(made)));
  NUBO_TRY(BackupJob * job, draft.edit<BackupJob>(id));
  NUBO_CHECK(add_actions(draft, *job, given.take("SCHED_ACTION")));
  given.drop_empty_vectors();
  settle_template(given);
  job->attributes = std::move(given);
  NUBO_CHECK(claim_vms(draft, *job));
  return Value(id.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto job,
           permitted<BackupJob>(draft.view(), call, call.args.integer(0), Right::manage));
  for (const VmId vm : listed_vms(job->attributes)) release_vm(draft, vm);
  for (const ScheduledActionId action : job->scheduled_actions) {
    draft.erase<ScheduledAction>(action);
  }
  erase_object<BackupJob>(draft, job->id);
  return Value(job->id.value);
}

Status after_update(Draft& draft, const Context&, BackupJob& job, const Template& before) {
  job.attributes.erase("PRIORITY");
  job.attributes.erase("SCHED_ACTION");
  settle_template(job.attributes);
  const std::vector<VmId> stay = listed_vms(job.attributes);
  for (const VmId vm : listed_vms(before)) {
    if (std::ranges::find(stay, vm) != stay.end()) continue;
    release_vm(draft, vm);
    forget_vm(job, vm);
  }
  return claim_vms(draft, job);
}

/// The job of a call that needs MANAGE.
Result<BackupJob*> managed(Draft& draft, const Context& call) {
  NUBO_TRY(const auto job,
           permitted<BackupJob>(draft.view(), call, call.args.integer(0), Right::manage));
  return draft.edit<BackupJob>(job->id);
}

Result<Value> priority(Draft& draft, const Context& call) {
  const int wanted = call.args.integer(1);
  if (wanted < 0 || wanted > last_priority) return fail(Code::action, "Wrong priority value");
  const Right right = wanted >= last_common_priority ? Right::admin : Right::manage;
  NUBO_TRY(const auto job, permitted<BackupJob>(draft.view(), call, call.args.integer(0), right));
  (*draft.edit<BackupJob>(job->id))->priority = wanted;
  return Value(job->id.value);
}

// --- rounds -------------------------------------------------------------------------------------

Result<Value> backup(Draft& draft, const Context& call) {
  NUBO_TRY(const BackupJob* job, managed(draft, call));
  if (!job->outdated_vms.empty() || !job->backing_up_vms.empty()) {
    return fail(Code::action, "Backup Job {} is already running", job->id);
  }
  if (listed_vms(job->attributes).empty()) {
    return fail(Code::action, "Backup Job {} has no VMs", job->id);
  }
  return fail(Code::action, "Backup Job {} was not started: this version makes no backups",
              job->id);
}

Result<Value> cancel(Draft& draft, const Context& call) {
  NUBO_TRY(BackupJob * job, managed(draft, call));
  job->outdated_vms.clear();
  job->backing_up_vms.clear();
  job->updated_vms.clear();
  job->error_vms.clear();
  return Value(job->id.value);
}

Result<Value> retry(Draft& draft, const Context& call) {
  NUBO_TRY(BackupJob * job, managed(draft, call));
  job->outdated_vms.merge(job->error_vms);
  job->error_vms.clear();
  return Value(job->id.value);
}

// --- scheduled actions --------------------------------------------------------------------------

Result<Vector> action_in(const std::string& text) {
  const auto given = parse_template(text);
  if (!given) return refused(given.error());
  if (const Vector* keys = given->vector("SCHED_ACTION")) return *keys;
  return fail(Code::action, "No SCHED_ACTION attribute in template");
}

Result<Value> schedadd(Draft& draft, const Context& call) {
  NUBO_TRY(BackupJob * job, managed(draft, call));
  NUBO_TRY(const Vector keys, action_in(call.args.text(1)));
  const auto id = add_action(draft, *job, keys);
  if (!id) return refused(id.error());
  return Value(id->value);
}

Result<Value> schedupdate(Draft& draft, const Context& call) {
  const ScheduledActionId id{call.args.integer(1)};
  NUBO_TRY(const BackupJob* job, managed(draft, call));
  NUBO_TRY(const Vector keys, action_in(call.args.text(2)));
  if (!job->scheduled_actions.contains(id)) {
    return fail(Code::internal, "SCHED_ACTION with id = {} doesn't exist", id);
  }
  NUBO_TRY(ScheduledAction * action, draft.edit<ScheduledAction>(id));
  if (const Status changed = apply_keys(*action, keys); !changed) return refused(changed.error());
  action->action = "backup";
  return Value(id.value);
}

Result<Value> scheddelete(Draft& draft, const Context& call) {
  const ScheduledActionId id{call.args.integer(1)};
  NUBO_TRY(BackupJob * job, managed(draft, call));
  if (job->scheduled_actions.erase(id) == 0) {
    return no_such(names_of(ObjectType::scheduled_action).message, id.value);
  }
  draft.erase<ScheduledAction>(id);
  return Value(id.value);
}

}  // namespace

std::string info_document(const Context& call, const Entry<BackupJob>& entry) {
  return with_actions(*call.snapshot, entry.document, entry.object.scheduled_actions);
}

std::vector<Call> backup_job_calls() {
  using B = BackupJob;
  const Parameter an_action{"action", Type::integer};
  return {
      {"one.backupjob.allocate", {a_template}, allocate, not_run_yet},
      {"one.backupjob.delete", {an_id}, remove},
      {"one.backupjob.info", {an_id, a_decrypt_flag}, info<B>},
      {"one.backupjob.update", {an_id, a_template, an_update_type}, update<B, after_update>},
      {"one.backupjob.rename", {an_id, a_name}, rename<B>},
      {"one.backupjob.chown", chown_parameters(), chown<B>},
      {"one.backupjob.chmod", chmod_parameters(), chmod<B>},
      {"one.backupjob.lock", lock_parameters(), lock<B>},
      {"one.backupjob.unlock", {an_id}, unlock<B>},
      {"one.backupjob.backup", {an_id}, backup, not_run_yet},
      {"one.backupjob.cancel", {an_id}, cancel, not_run_yet},
      {"one.backupjob.retry", {an_id}, retry, not_run_yet},
      {"one.backupjob.priority", {an_id, {"priority", Type::integer}}, priority},
      {"one.backupjob.schedadd", {an_id, a_template}, schedadd, not_run_yet},
      {"one.backupjob.schedupdate", {an_id, an_action, a_template}, schedupdate, not_run_yet},
      {"one.backupjob.scheddelete", {an_id, an_action}, scheddelete},
      {"one.backupjobpool.info", pool_parameters(), pool_info<B>},
  };
}

}  // namespace nubo::api
