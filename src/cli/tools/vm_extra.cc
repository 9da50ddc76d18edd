// SPDX-License-Identifier: Apache-2.0
// Configuration, backups, schedules and the ways into a guest.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "cli/schedule.h"
#include "cli/shared_commands.h"
#include "cli/tools/vm_actions.h"
#include "cli/values.h"
#include "cli/wait.h"

namespace nubo::cli {
namespace {

constexpr std::array backup_group{
    Option{"reset", 0, Takes::nothing, "", "Start a new full chain"},
    Option{"datastore", 'd', Takes::object, "id|name", "Selects the datastore", "datastore"},
};
constexpr std::array restore_group{
    Option{"disk-id", 0, Takes::integer, "disk_id", "Restore this disk only"},
    Option{"increment", 0, Takes::integer, "increment_id",
           "Increment to restore, the last by default"},
};
constexpr std::array execute_group{
    Option{"stdin", 0, Takes::text, "stdin", "Text for the command's standard input"}};
constexpr std::array ssh_group{
    Option{"nic-id", 0, Takes::text, "nic_id", "NIC to connect to"},
    Option{"cmd", 0, Takes::text, "cmd", "Command to run"},
    Option{"ssh-options", 0, Takes::text, "options", "Options of ssh"},
};
constexpr std::array save_group{
    Option{"persistent", 0, Takes::nothing, "", "Make the new images persistent"}};

constexpr std::array configurable{"OS",  "FEATURES", "INPUT",     "GRAPHICS", "VIDEO",
                                  "RAW", "CONTEXT",  "CPU_MODEL", "TPM",      "NIC_DEFAULT"};

// Attributes that a deployment added to disks and NICs; a saved template does not keep them.
constexpr std::array disk_runtime{"SOURCE",
                                  "DRIVER",
                                  "FORMAT",
                                  "DATASTORE",
                                  "DATASTORE_ID",
                                  "CLONE",
                                  "CLONE_TARGET",
                                  "CLUSTER_ID",
                                  "DEV_PREFIX",
                                  "DISK_ID",
                                  "DISK_SNAPSHOT_TOTAL_SIZE",
                                  "DISK_TYPE",
                                  "IMAGE",
                                  "IMAGE_ID",
                                  "IMAGE_STATE",
                                  "IMAGE_UNAME",
                                  "IMAGE_UID",
                                  "LN_TARGET",
                                  "OPENNEBULA_MANAGED",
                                  "ORIGINAL_SIZE",
                                  "PERSISTENT",
                                  "READONLY",
                                  "SAVE",
                                  "SIZE",
                                  "TARGET",
                                  "TM_MAD",
                                  "TM_MAD_SYSTEM",
                                  "TYPE",
                                  "ALLOW_ORPHANS",
                                  "PERSISTENT_SNAPSHOTS"};
constexpr std::array nic_runtime{"AR_ID",  "BRIDGE",          "CLUSTER_ID", "IP",
                                 "MAC",    "TARGET",          "NIC_ID",     "NETWORK_ID",
                                 "VN_MAD", "SECURITY_GROUPS", "VLAN_ID",    "BRIDGE_TYPE"};

template <class Names>
std::string vector_without(const XmlNode& element, const Names& dropped,
                           std::vector<std::string> first) {
  for (const XmlNode& key : element.children()) {
    if (std::ranges::find(dropped, key.name()) != dropped.end()) continue;
    first.push_back(fmt::format("  {}={}", key.name(), quoted(key.text())));
  }
  return fmt::format("{}=[\n{} ]\n", element.name(), join(first, ",\n"));
}

Result<int> run_or_say(Run& run, std::string_view what, const Result<Answer>& answer,
                       const char* done) {
  if (!answer) return fail(answer.error().code, "{}: {}", what, answer.error().message);
  run.done(run.id(0), done);
  return 0;
}

Result<XmlNode> machine(Run& run, std::optional<XmlDocument>& kept) {
  NUBO_TRY(XmlDocument document, object_document(run, run.id(0)));
  kept.emplace(std::move(document));
  return kept->root();
}

}  // namespace

OptionGroup backup_options() { return backup_group; }

OptionGroup restore_options() { return restore_group; }

OptionGroup execute_options() { return execute_group; }

OptionGroup ssh_options() { return ssh_group; }

OptionGroup save_options() { return save_group; }

Result<int> update_configuration(Run& run) {
  const int id = run.id(0);
  const bool append = run.options.has("append");
  TextSource source{1, true, [&]() -> Result<std::string> {
                      if (append) return std::string();
                      NUBO_TRY(const XmlDocument vm, run.call_for_document("info", {id, false}));
                      std::vector<std::string_view> others;
                      const XmlNode attributes = vm.root().child("TEMPLATE");
                      const std::vector<XmlNode> all = attributes.children();
                      for (const XmlNode& one : all) {
                        if (std::ranges::find(configurable, one.name()) == configurable.end())
                          others.push_back(one.name());
                      }
                      std::string text = template_text(attributes, others);
                      const std::string backup =
                          template_text(vm.root().child("BACKUPS"), {"BACKUP_IDS"});
                      return text.empty() || backup.empty() ? text + backup : text + "\n" + backup;
                    }};
  const Result<std::string> text = edited_text(run, source);
  if (!text) return report_edit_error(run, text.error());
  NUBO_CHECK(run.call("updateconf", {id, *text, append ? 1 : 0}));
  run.done(id, "Updating VM configuration");
  return 0;
}

Result<int> backup_mode(Run& run) {
  const std::string mode = upper(run.text(1));
  if (mode != "FULL" && mode != "INCREMENT") {
    return fail(Code::api, "Invalid backup mode: {}\nValid backup modes are: FULL,INCREMENT",
                run.text(1));
  }
  NUBO_CHECK(run.call("updateconf",
                      {run.id(0), fmt::format("BACKUP_CONFIG = [\"MODE\"={}]", quoted(mode)), 1}));
  run.done(run.id(0), "Updating backup mode");
  return 0;
}

Result<int> backup_vm(Run& run) {
  const int datastore = run.options.number("datastore", -1);
  const bool reset = run.options.has("reset");
  if (std::optional<Result<int>> scheduled =
          schedule_if_asked(run, "backup", fmt::format("{},{}", datastore, reset ? 1 : 0))) {
    return *scheduled;
  }
  NUBO_TRY(const int code, run_or_say(run, "Error creating VM backup",
                                      run.call("backup", {run.id(0), datastore, reset}), "Backup"));
  NUBO_CHECK(wait_if_asked(run, {run.id(0)}, {"RUNNING,POWEROFF", true, -1}));
  return code;
}

Result<int> cancel_backup(Run& run) {
  return run_or_say(run, "Error canceling VM backup", run.call("backupcancel", {run.id(0)}),
                    "Backup canceled");
}

Result<int> restore_vm(Run& run) {
  return run_or_say(run, "Error restoring",
                    run.call("restore", {run.id(0), run.id(1), run.options.number("increment", -1),
                                         run.options.number("disk-id", -1)}),
                    "Restoring");
}

Result<int> delete_schedule(Run& run) {
  const Result<Answer> answer = run.call("scheddelete", {run.id(0), run.id(1)});
  if (!answer) return fail(answer.error().code, "Error deleting: {}", answer.error().message);
  return 0;
}

Result<int> update_schedule(Run& run) {
  std::optional<XmlDocument> kept;
  NUBO_TRY(const XmlNode object, machine(run, kept));
  XmlNode action;
  for (const XmlNode& one : object.child("TEMPLATE").children("SCHED_ACTION")) {
    if (one.get("ID") == run.text(1)) action = one;
  }
  if (!action) return fail(Code::no_exists, "Sched action {} not found", run.text(1));
  TextSource source{2, false, [&] { return Result<std::string>(template_text(action)); }};
  const Result<std::string> text = edited_text(run, source);
  if (!text) return report_edit_error(run, text.error());
  std::vector<std::string> lines;
  for (const std::string& line : split(*text, '\n')) {
    if (!line.empty()) lines.push_back(line);
  }
  NUBO_CHECK(run.call("schedupdate", {run.id(0), run.id(1),
                                      fmt::format("\nSCHED_ACTION = [{}]", join(lines, ","))}));
  run.done(run.id(0), "Sched action updated");
  return 0;
}

Result<int> execute_in_guest(Run& run) {
  return run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("exec", {id, run.text(1), base64_encode(run.options.get("stdin"))}));
    run.done(id, "Executing a command");
    return ok();
  });
}

namespace {

struct Saved {
  int template_id = -1;
  std::vector<int> images;
};

Result<std::string> saved_disk(Run& run, const XmlNode& disk, Saved& saved) {
  const std::string image = disk.get("IMAGE_ID");
  if (image.empty())
    return vector_without(disk, disk_runtime,
                          {fmt::format("  SIZE={}", quoted(disk.get("SIZE"))),
                           fmt::format("  TYPE={}", quoted(disk.get("TYPE")))});
  if (upper(disk.get("TYPE")) == "CDROM")
    return fmt::format("DISK=[\n  IMAGE_ID={} ]\n", quoted(image));
  NUBO_CHECK(wait_for(run, {run.id(0)}, {"POWEROFF", false, -1}));
  const std::string name = fmt::format("{}-disk-{}", run.text(1), disk.get("DISK_ID"));
  NUBO_TRY(const int copy,
           run.call_for_id("disksaveas",
                           {run.id(0), leading_int(disk.get("DISK_ID")), name, std::string(), -1}));
  saved.images.push_back(copy);
  if (run.options.has("persistent")) NUBO_CHECK(run.call("image.persistent", {copy, true}));
  return vector_without(disk, disk_runtime, {fmt::format("  IMAGE_ID=\"{}\"", copy)});
}

Status fill_saved(Run& run, const XmlNode& vm, Saved& saved) {
  const XmlNode attributes = vm.child("TEMPLATE");
  std::string text;
  for (const char* name : {"CPU", "VCPU", "MEMORY"}) {
    if (!attributes.get(name).empty())
      text += fmt::format("{}={}\n", name, quoted(attributes.get(name)));
  }
  for (const XmlNode& disk : attributes.children("DISK")) {
    NUBO_TRY(const std::string one, saved_disk(run, disk, saved));
    text += one;
  }
  for (const XmlNode& nic : attributes.children("NIC"))
    text += vector_without(nic, nic_runtime, {});
  text += fmt::format("SAVED_TEMPLATE_ID={}\n", quoted(attributes.get("TEMPLATE_ID")));
  NUBO_CHECK(run.call("template.update", {saved.template_id, text, 1}));
  return ok();
}

}  // namespace

Result<int> save_vm(Run& run) {
  std::optional<XmlDocument> kept;
  NUBO_TRY(const XmlNode vm, machine(run, kept));
  if (vm_state_name(number(vm, "STATE")) != "POWEROFF")
    return fail(Code::action, "VM must be POWEROFF");
  const std::string origin = get(vm, "TEMPLATE/TEMPLATE_ID");
  if (origin.empty()) return fail(Code::action, "VM has no template to be saved");
  Saved saved;
  NUBO_TRY(saved.template_id,
           run.call_for_id("template.clone", {leading_int(origin), run.text(1), false}));
  if (const Status filled = fill_saved(run, vm, saved); !filled) {
    (void)run.call("template.delete", {saved.template_id, false});
    for (const int image : saved.images) (void)run.call("image.delete", {image, false});
    return Failure(filled.error());
  }
  run.line(fmt::format("Template ID: {}", saved.template_id));
  return 0;
}

Result<int> ssh_command(Run& run) {
  std::optional<XmlDocument> kept;
  NUBO_TRY(const XmlNode vm, machine(run, kept));
  if (lcm_state_name(number(vm, "LCM_STATE")) != "RUNNING")
    return fail(Code::action, "VM is not RUNNING, cannot SSH to it");
  const std::vector<XmlNode> nics = vm.child("TEMPLATE").children("NIC");
  XmlNode chosen = nics.empty() ? XmlNode() : nics.front();
  for (const XmlNode& nic : nics) {
    const bool wanted = run.options.has("nic-id") ? nic.get("NIC_ID") == run.options.get("nic-id")
                                                  : upper(nic.get("SSH")) == "YES";
    if (wanted) chosen = nic;
  }
  if (!chosen) return fail(Code::action, "No NIC found");
  std::string address = chosen.get("IP");
  int port = 22;
  if (const std::string range = chosen.get("EXTERNAL_PORT_RANGE"); !range.empty()) {
    address = vm.child("HISTORY_RECORDS").children("HISTORY").back().get("HOSTNAME");
    port = leading_int(range) + 21;
  }
  std::string login = get(vm, "TEMPLATE/CONTEXT/USERNAME");
  if (login.empty()) login = run.has(1) ? run.text(1) : "root";
  std::vector<std::string> words{"ssh"};
  for (const std::string& option : split(run.options.get("ssh-options"), ' '))
    words.push_back(option);
  words.push_back(login + "@" + address);
  words.insert(words.end(), {"-p", std::to_string(port)});
  if (run.options.has("cmd")) words.push_back(run.options.get("cmd"));
  return run.shell.execute(words);
}

}  // namespace nubo::cli
