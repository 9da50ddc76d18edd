// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/schedule.h"
#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/tools/vm_actions.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::size_t widest_list = 15;

std::string priority(const Row& row) { return row.node.get("PRIORITY"); }

std::string last_time(const Row& row) { return time_text(number(row.node, "LAST_BACKUP_TIME")); }

std::string vms(const Row& row) {
  const std::string list = get(row.node, "TEMPLATE/BACKUP_VMS");
  return list.size() > widest_list ? list.substr(0, widest_list - 3) + "..." : list;
}

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Backup Job", 4, adjust, &id_value},
    Column{"USER", "Username of the Backup Job owner", 8, left, &user_value},
    Column{"GROUP", "Group of the Backup Job", 8, left, &group_value},
    Column{"PRIO", "Priority of the Backup Job", 4, left, &priority},
    Column{"NAME", "Date for the last backup operation", 15, left | expand, &name_value},
    Column{"LAST", "Date for the last backup operation", 15, left | expand, &last_time},
    Column{"VMS", "VM IDs part of this backup job", 15, left | expand, &vms},
};
constexpr ListLayout layout{columns, "ID,USER,GROUP,PRIO,NAME,LAST,VMS"};

Status show(Run& run, const XmlNode& job) {
  Page page(run);
  page.title(fmt::format("BACKUP JOB {} INFORMATION", job.get("ID")));
  identity_lines(page, job, true);
  page.permissions(job);
  page.blank();
  page.title("LAST BACKUP JOB EXECUTION INFORMATION");
  page.line("TIME", time_text(number(job, "LAST_BACKUP_TIME")));
  page.line("DURATION", duration_text(number(job, "LAST_BACKUP_DURATION"), "s"));
  page.blank();
  page.title("VIRTUAL MACHINE BACKUP STATUS");
  page.line("UPDATED", id_list(job.child("UPDATED_VMS")));
  page.line("OUTDATED", id_list(job.child("OUTDATED_VMS")));
  page.line("ONGOING", id_list(job.child("BACKING_UP_VMS")));
  page.line("ERROR", id_list(job.child("ERROR_VMS")));
  print_schedule(run, page, job);
  page.blank();
  page.attributes("TEMPLATE CONTENTS", job.child("TEMPLATE"), {"SCHED_ACTION"});
  return ok();
}

std::string described_job(const Options& options) {
  constexpr std::array keys{std::pair{"name", "NAME"},      std::pair{"description", "DESCRIPTION"},
                            std::pair{"vms", "BACKUP_VMS"}, std::pair{"keep", "KEEP_LAST"},
                            std::pair{"mode", "MODE"},      std::pair{"name", "NAME"}};
  std::string text;
  for (const auto& [option, key] : keys) {
    if (options.has(option)) text += fmt::format("{}={}\n", key, quoted(options.get(option)));
  }
  return text;
}

/// What the daemon refuses is told on standard output here.
Result<int> create(Run& run) {
  const std::optional<std::string> given = created_text(run, 0);
  const Result<int> id = run.call_for_id("allocate", {given ? *given : described_job(run.options)});
  if (!id) {
    run.line(id.error().message);
    return 255;
  }
  if (run.options.has("schedule")) NUBO_CHECK(add_schedule(run, *id, "", ""));
  return print_id(run, id);
}

Result<int> backup(Run& run) {
  if (auto scheduled = schedule_if_asked(run, "", "")) return *scheduled;
  return run.for_each([&run](int id) -> Status {
    NUBO_CHECK(run.call("backup", {id}));
    run.done(id, "Starting Backups");
    return ok();
  });
}

// Jobs are not looked up by name here.
Result<int> delete_action(Run& run) {
  NUBO_CHECK(run.call("scheddelete", {run.id(0), run.id(1)}));
  run.done(run.id(0), "Scheduled Action deleted");
  return 0;
}

constexpr std::array create_options{
    Option{"name", 0, Takes::text, "name", "Name of the new Backup Job"},
    Option{"description", 0, Takes::text, "description", "Description of the new Backup Job"},
    Option{"vms", 0, Takes::text, "vm_id1,vm_id2", "VMs to back up"},
    Option{"keep", 0, Takes::text, "N", "How many backups to keep"},
    Option{"mode", 0, Takes::text, "increment|full", "Backup mode"},
};

constexpr std::array commands{
    Command{"create",
            "[file]",
            "Creates a new Backup Job",
            {},
            create,
            {schedule_options, create_options}},
    Command{"delete",
            "<range|backupjobid_list>",
            "Deletes the Backup Job",
            {"delete", "#", "deleting"}},
    Command{"backup",
            "<range|backupjobid_list>",
            "Starts the Backup Job",
            {},
            backup,
            {schedule_options}},
    Command{"cancel",
            "<range|backupjobid_list>",
            "Cancels what is under way",
            {"cancel", "#", "Backups canceled"}},
    Command{"retry",
            "<range|backupjobid_list>",
            "Backs up again the VMs that failed",
            {"retry", "#", "Retrying backups for failed Virtual Machines"}},
    Command{"priority",
            "<range|backupjobid_list> <priority>",
            "Changes the priority",
            {"priority", "# $1i", "Priority changed"}},
    Command{"sched-delete", "<bjid> <schedid>", "Deletes a scheduled action", {}, delete_action},
    Command{"sched-update",
            "<bjid> <schedid> [file]",
            "Changes a scheduled action",
            {},
            update_schedule},
};

}  // namespace

Tool backupjob_tool() {
  return {.name = "onebackupjob",
          .pool = "backupjob",
          .id_name = "backupjobid",
          .noun = "Backup Job",
          .common = common_owned | common_lock,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
