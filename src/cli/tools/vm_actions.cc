// SPDX-License-Identifier: Apache-2.0
#include "cli/tools/vm_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/schedule.h"
#include "cli/values.h"
#include "cli/wait.h"

namespace nubo::cli {
namespace {

struct Action {
  std::string_view name;
  const char* done;
  const char* goal;  // "": nothing to wait for
};

constexpr std::array actions{
    Action{"hold", "put on hold", "HOLD"},
    Action{"release", "released", "RUNNING"},
    Action{"terminate", "terminating", "DONE"},
    Action{"undeploy", "shutting down", "UNDEPLOYED"},
    Action{"poweroff", "shutting down", "POWEROFF"},
    Action{"reboot", "rebooting", "RUNNING"},
    Action{"stop", "stopping", "STOPPED"},
    Action{"suspend", "suspending", "SUSPENDED"},
    Action{"resume", "resuming", "RUNNING"},
    Action{"resched", "Setting resched flag", ""},
    Action{"unresched", "Clearing resched flag", ""},
};

const Action* find_action(std::string_view name) {
  const auto found = std::ranges::find(actions, name, &Action::name);
  return found == actions.end() ? nullptr : &*found;
}

constexpr std::array hard_group{
    Option{"hard", 0, Takes::nothing, "", "Does not wait for the guest"}};
constexpr std::array deploy_group{
    Option{"enforce", 'e', Takes::nothing, "", "Enforce that the host capacity is not exceeded"},
    Option{"file", 'f', Takes::text, "file", "File with network choices"},
};
constexpr std::array migrate_group{
    Option{"enforce", 'e', Takes::nothing, "", "Enforce that the host capacity is not exceeded"},
    Option{"live", 0, Takes::nothing, "", "Do the action with the VM running"},
    Option{"poff", 0, Takes::nothing, "", "Power the VM off to move it"},
    Option{"poff-hard", 0, Takes::nothing, "", "Power the VM off at once to move it"},
};
constexpr std::array recover_group{
    Option{"success", 0, Takes::nothing, "", "Recover a VM by succeeding the missing action"},
    Option{"failure", 0, Takes::nothing, "", "Recover a VM by failing the pending action"},
    Option{"retry", 0, Takes::nothing, "", "Recover a VM by retrying the last failed action"},
    Option{"interactive", 0, Takes::nothing, "",
           "Walk through the failed driver script (needs the front-end)"},
    Option{"delete", 0, Takes::nothing, "", "No recover possible, delete the VM"},
    Option{"recreate", 0, Takes::nothing, "", "No recover possible, delete and recreate the VM"},
    Option{"delete-db", 0, Takes::nothing, "", "No recover possible, delete the VM from the DB"},
};
constexpr std::array resize_group{
    Option{"cpu", 0, Takes::number, "cpu", "CPU percentage reserved for the VM (1=100% one CPU)"},
    Option{"vcpu", 0, Takes::integer, "vcpu", "Number of virtualized CPUs"},
    Option{"memory", 0, Takes::memory, "memory",
           "Memory amount given to the VM in MB, or with unit as 2g"},
    Option{"enforce", 'e', Takes::nothing, "", "Enforce that the host capacity is not exceeded"},
    Option{"file", 'f', Takes::text, "file", "File with the new capacity"},
};

struct Recovery {
  const char* option;
  int operation;
};

constexpr std::array recoveries{Recovery{"failure", 0},  Recovery{"success", 1},
                                Recovery{"retry", 2},    Recovery{"delete", 3},
                                Recovery{"recreate", 4}, Recovery{"delete-db", 5}};

Result<int> finish(Run& run, int code, const std::vector<int>& started, const Goal& goal) {
  if (goal.states.empty()) return code;
  if (const Status there = wait_if_asked(run, started, goal); !there) {
    run.error_line(there.error().message);
    return 255;
  }
  return code;
}

}  // namespace

OptionGroup hard_options() { return hard_group; }

OptionGroup deploy_options() { return deploy_group; }

OptionGroup migrate_options() { return migrate_group; }

OptionGroup recover_options() { return recover_group; }

OptionGroup resize_options() { return resize_group; }

Result<int> action_command(Run& run) {
  const Action& action = *find_action(run.command.name);
  const std::string name = std::string(action.name) + (run.options.has("hard") ? "-hard" : "");
  if (std::optional<Result<int>> scheduled = schedule_if_asked(run, name, "")) return *scheduled;
  std::vector<int> started;
  const int code = run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("action", {name, id}));
    run.done(id, action.done);
    started.push_back(id);
    return ok();
  });
  return finish(run, code, started, {action.goal, true, -1});
}

Result<int> deploy_command(Run& run) {
  std::string extra;
  if (run.options.has("file")) {
    NUBO_TRY(extra, run.shell.read_file(run.options.get("file")));
  } else {
    extra = run.shell.piped_input().value_or("");
  }
  const int host = run.id(1);
  std::vector<int> started;
  const int code = run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("deploy", {id, host, run.options.has("enforce"), run.id(2), extra}));
    run.done(id, fmt::format("deploying in host {}", host));
    started.push_back(id);
    return ok();
  });
  return finish(run, code, started, {"RUNNING", true, host});
}

Result<int> migrate_command(Run& run) {
  const int host = run.id(1);
  const int kind = run.options.has("poff-hard") ? 2 : run.options.has("poff") ? 1 : 0;
  std::vector<int> started;
  const int code = run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("migrate", {id, host, run.options.has("live"), run.options.has("enforce"),
                                    run.id(2), kind}));
    run.done(id, fmt::format("migrating to {}", host));
    started.push_back(id);
    return ok();
  });
  return finish(run, code, started, {"RUNNING,POWEROFF,SUSPENDED", true, host});
}

Result<int> recover_command(Run& run) {
  // The last of several options wins, in the order of the table.
  int operation = -1;
  for (const Recovery& one :
       {recoveries[1], recoveries[0], recoveries[2], recoveries[3], recoveries[4], recoveries[5]}) {
    if (operation < 0 && run.options.has(one.option)) operation = one.operation;
  }
  if (operation < 0) {
    return fail(Code::api,
                "Need to specify the result of the pending action.\n"
                "\t--success recover the VM by succeeding the missing action.\n"
                "\t--failure recover the VM by failing the missing action.\n"
                "\t--retry recover the VM by retrying the last failed action.\n"
                "\t--delete no recover possible, delete the VM.\n"
                "\t--recreate no recover possible, delete and recreate the VM.\n"
                "\t--delete-db no recover possible, delete the VM from the DB. No action performed "
                "on the hypervisor");
  }
  return run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("recover", {id, operation}));
    run.done(id, "recovering");
    return ok();
  });
}

Result<int> resize_command(Run& run) {
  std::string text;
  if (run.options.has("file")) {
    NUBO_TRY(text, run.shell.read_file(run.options.get("file")));
  } else if (const std::optional<std::string> piped = run.shell.piped_input()) {
    text = *piped;
  } else {
    for (const char* name : {"cpu", "memory", "vcpu"}) {
      if (!run.options.has(name)) continue;
      const std::string value = run.options.get(name);
      text += fmt::format("{} = {}\n", upper(name),
                          name == std::string_view("cpu")
                              ? decimal_text(parse_number<double>(value).value_or(0))
                              : value);
    }
  }
  const int id = run.id(0);
  NUBO_CHECK(run.call("resize", {id, text, run.options.has("enforce")}));
  run.done(id, "Resizing VM");
  return finish(run, 0, {id}, {"RUNNING,POWEROFF,UNDEPLOYED", true, -1});
}

namespace {

struct Snapshot {
  std::string_view command;
  const char* method;
  const char* done;
  int numbers;    // how many arguments behind the machine are ids
  bool has_name;  // whether a name follows them
};

constexpr std::array snapshots{
    Snapshot{"snapshot-create", "snapshotcreate", "creating snapshot", 0, true},
    Snapshot{"snapshot-revert", "snapshotrevert", "reverting snapshot", 1, false},
    Snapshot{"snapshot-delete", "snapshotdelete", "deleting snapshot", 1, false},
    Snapshot{"disk-snapshot-create", "disksnapshotcreate", "creating disk snapshot", 1, true},
    Snapshot{"disk-snapshot-revert", "disksnapshotrevert", "reverting disk snapshot", 2, false},
    Snapshot{"disk-snapshot-delete", "disksnapshotdelete", "deleting disk snapshot", 2, false},
};

}  // namespace

Result<int> snapshot_command(Run& run) {
  const Snapshot& snapshot = *std::ranges::find(snapshots, run.command.name, &Snapshot::command);
  std::vector<std::string> args;
  std::vector<Parameter> parameters;
  for (int i = 1; i <= snapshot.numbers; ++i) {
    parameters.emplace_back(run.id(static_cast<std::size_t>(i)));
    args.push_back(run.text(static_cast<std::size_t>(i)));
  }
  if (snapshot.has_name) {
    const std::string name = run.text(static_cast<std::size_t>(snapshot.numbers) + 1);
    parameters.emplace_back(name);
    if (!name.empty()) args.push_back(name);
  }
  if (std::optional<Result<int>> scheduled =
          schedule_if_asked(run, std::string(snapshot.command), join(args, ","))) {
    return *scheduled;
  }
  std::vector<int> started;
  const int code = run.for_each([&](int id) -> Status {
    std::vector<Parameter> all{id};
    all.insert(all.end(), parameters.begin(), parameters.end());
    NUBO_CHECK(run.call(snapshot.method, all));
    run.done(id, snapshot.done);
    started.push_back(id);
    return ok();
  });
  return finish(run, code, started, {"RUNNING,POWEROFF,SUSPENDED", true, -1});
}

}  // namespace nubo::cli
