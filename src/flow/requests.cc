// SPDX-License-Identifier: Apache-2.0
#include "flow/requests.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "base/assert.h"
#include "flow/context.h"
#include "flow/transfer_lines.h"
#include "flow/vm_change.h"
#include "text/trim.h"

namespace nubo {
namespace {

constexpr Milliseconds image_deadline = std::chrono::hours{6};

/// What is known when a step is asked.
struct Scene {
  const Snapshot& snapshot;
  const Vm& vm;
  const VmOperation operation;
  const History& record;  // of the node where the step runs
  const driver::Values& learned;
  const VmSettings& settings;

  std::string answer(std::string_view name) const {
    const auto found = learned.find(name);
    return found == learned.end() ? "" : found->second;
  }

  std::string deploy_id() const {
    const std::string now = answer("deploy_id");
    return now.empty() ? vm.deploy_id : now;
  }
};

using Asked = Result<std::optional<driver::Values>>;

TransferSites sites(const VmSettings& settings) {
  return {settings.front_end, settings.datastore_location, settings.vm_location};
}

template <class T>
std::string document(const T& object, const VmSettings& settings) {
  return to_xml(T::root, settings.secrets.revealed(object), Form::stored);
}

template <class T>
std::string document(const Scene& scene, IdOf<T> id) {
  const Ptr<T> found = scene.snapshot.find<T>(id);
  return found ? document(*found, scene.settings) : "";
}

/// Without its members: they may be thousands, and say nothing about a guest.
std::string cluster_document(const Scene& scene) {
  const Ptr<Cluster> found = scene.snapshot.find<Cluster>(scene.record.cluster_id);
  if (!found) return "";
  Cluster alone;
  alone.id = found->id;
  alone.name = found->name;
  alone.attributes = found->attributes;
  return document(alone, scene.settings);
}

std::string checkpoint(const Scene& scene) {
  return system_directory(scene.record, sites(scene.settings)) + "/checkpoint";
}

driver::Values identity(const Scene& scene) {
  return {{"deploy_id", scene.deploy_id()}, {"vm_id", std::to_string(scene.vm.id.value)}};
}

driver::Values guest(const Scene& scene) {
  driver::Values args = identity(scene);
  args["vm"] = document(scene.vm, scene.settings);
  args["host"] = document<Host>(scene, scene.record.host_id);
  args["cluster"] = cluster_document(scene);
  args["datastore"] = document<Datastore>(scene, scene.record.datastore_id);
  args["system_dir"] = system_directory(scene.record, sites(scene.settings));
  return args;
}

Asked ask_guest(const Scene& scene) { return guest(scene); }

Asked ask_identity(const Scene& scene) { return identity(scene); }

Asked ask_save(const Scene& scene) {
  driver::Values args = identity(scene);
  args["checkpoint"] = checkpoint(scene);
  return args;
}

Asked ask_restore(const Scene& scene) {
  driver::Values args = guest(scene);
  args["checkpoint"] = checkpoint(scene);
  return args;
}

Asked ask_migrate(const Scene& scene) {
  driver::Values args = guest(scene);
  args["target"] = scene.vm.current()->hostname;
  return args;
}

Asked ask_network(const Scene& scene) {
  const bool wired = scene.vm.system.vector("NIC") || scene.vm.system.vector("NIC_ALIAS");
  if (!wired) return std::nullopt;
  driver::Values args = identity(scene);
  args["vm"] = document(scene.vm, scene.settings);
  return args;
}

Asked transfer_args(const Scene& scene, const Result<std::string>& lines) {
  if (!lines) return Failure(lines.error());
  if (lines->empty()) return std::nullopt;
  return driver::Values{{"lines", *lines},
                        {"vm", document(scene.vm, scene.settings)},
                        {"context", context_file(scene.settings.secrets.revealed(scene.vm))},
                        {"files", context_files(scene.vm)}};
}

Asked ask_transfer(const Scene& scene) {
  const TransferWork work{scene.operation, scene.answer("source")};
  return transfer_args(scene, transfer_lines(scene.vm, work, sites(scene.settings)));
}

Asked ask_transfer_back(const Scene& scene) {
  return transfer_args(scene, undoing_lines(scene.vm, scene.operation, sites(scene.settings)));
}

/// The VM, and which of its devices the operation is about.
driver::Values about(const Scene& scene, const char* name, const std::string& id) {
  driver::Values args = guest(scene);
  args[name] = id;
  return args;
}

Failure not_marked(const Scene& scene, const char* what) {
  return fail(Code::internal, "VM {} has no {} that changes", scene.vm.id, what);
}

Asked ask_disk(const Scene& scene) {
  for (const char* mark : {"ATTACH", "RESIZE", "DISK_SNAPSHOT_ACTIVE"}) {
    const Vector* disk = marked(scene.vm, "DISK", mark);
    if (disk) return about(scene, "disk_id", disk->get("DISK_ID"));
  }
  return not_marked(scene, "disk");
}

/// An alias is an address only: the hypervisor has nothing to do.
Asked ask_nic(const Scene& scene) {
  if (marked(scene.vm, "NIC_ALIAS", "ATTACH")) return std::nullopt;
  const Vector* nic = marked(scene.vm, "NIC", "ATTACH");
  return nic ? Asked(about(scene, "nic_id", nic->get("NIC_ID"))) : not_marked(scene, "NIC");
}

Asked ask_bandwidth(const Scene& scene) {
  const Vector* update = scene.vm.system.vector("VNET_UPDATE");
  const Vector* nic =
      update ? device(scene.vm, "NIC", "NIC_ID", update->number<int>("NIC_ID").value_or(-1))
             : nullptr;
  return nic ? Asked(about(scene, "nic_id", nic->get("NIC_ID"))) : not_marked(scene, "NIC");
}

Asked ask_context_change(const Scene& scene) {
  if (!scene.vm.system.vector("CONTEXT")) return std::nullopt;
  return guest(scene);
}

Asked ask_snapshot(const Scene& scene) {
  const Vector* snapshot = marked(scene.vm, "SNAPSHOT", "ACTIVE");
  if (!snapshot) return not_marked(scene, "snapshot");
  driver::Values args = identity(scene);
  args["snapshot"] = snapshot->get("SNAPSHOT_ID");
  args["hypervisor_id"] = snapshot->get("HYPERVISOR_ID");
  return args;
}

Asked ask_resize(const Scene& scene) {
  driver::Values args = guest(scene);
  for (const char* name : {"CPU", "VCPU", "MEMORY", "MEMORY_RESIZE_MODE"}) {
    args[lower_case(name)] = scene.vm.system.get(name);
  }
  if (const Vector* before = scene.vm.system.vector("RESIZE")) {
    for (const char* name : {"CPU", "VCPU", "MEMORY"}) {
      args["old_" + lower_case(name)] = before->get(name);
    }
  }
  return args;
}

Asked ask_command(const Scene& scene) {
  const Vector* exec = scene.vm.system.vector("QEMU_GA_EXEC");
  if (!exec) return not_marked(scene, "command");
  driver::Values args = identity(scene);
  args["command"] = exec->get("COMMAND");
  args["stdin"] = exec->get("STDIN");
  args["pid"] = exec->get("PID");
  return args;
}

/// The image that a disk is saved to, still empty.
Asked ask_image(const Scene& scene) {
  const Vector* disk = marked(scene.vm, "DISK", "HOTPLUG_SAVE_AS_ACTIVE");
  const ImageId id{disk ? disk->number<int>("HOTPLUG_SAVE_AS").value_or(-1) : -1};
  NUBO_TRY(const Ptr<Image> image, scene.snapshot.get<Image>(id));
  NUBO_TRY(const Ptr<Datastore> datastore, scene.snapshot.get<Datastore>(image->datastore_id));
  return driver::Values{{"image", document(*image, scene.settings)},
                        {"datastore", document(*datastore, scene.settings)}};
}

Asked migration(const Scene& scene, const char* verb) {
  return transfer_args(scene, migration_line(scene.vm, verb, sites(scene.settings)));
}

Asked ask_premigrate(const Scene& scene) { return migration(scene, "PREMIGRATE"); }

Asked ask_postmigrate(const Scene& scene) { return migration(scene, "POSTMIGRATE"); }

Asked ask_failmigrate(const Scene& scene) { return migration(scene, "FAILMIGRATE"); }

/// Which kind of program does a step; the hypervisor's is the one that the host names.
enum class Program : std::uint8_t { hypervisor, transfer, network, datastore };

struct Row {
  StepKind kind;
  Program program;
  const char* action;
  Asked (*ask)(const Scene&);
};

constexpr std::array rows{
    Row{StepKind::transfer, Program::transfer, "run", ask_transfer},
    Row{StepKind::transfer_back, Program::transfer, "run", ask_transfer_back},
    Row{StepKind::context, Program::transfer, "run", ask_transfer},
    Row{StepKind::premigrate, Program::transfer, "run", ask_premigrate},
    Row{StepKind::postmigrate, Program::transfer, "run", ask_postmigrate},
    Row{StepKind::failmigrate, Program::transfer, "run", ask_failmigrate},
    Row{StepKind::network_pre, Program::network, "pre", ask_network},
    Row{StepKind::network_post, Program::network, "post", ask_network},
    Row{StepKind::network_clean, Program::network, "clean", ask_network},
    Row{StepKind::deploy, Program::hypervisor, "deploy", ask_guest},
    Row{StepKind::restore, Program::hypervisor, "restore", ask_restore},
    Row{StepKind::save, Program::hypervisor, "save", ask_save},
    Row{StepKind::shutdown, Program::hypervisor, "shutdown", ask_identity},
    Row{StepKind::cancel, Program::hypervisor, "cancel", ask_identity},
    Row{StepKind::migrate, Program::hypervisor, "migrate", ask_migrate},
    Row{StepKind::reboot, Program::hypervisor, "reboot", ask_identity},
    Row{StepKind::reset, Program::hypervisor, "reset", ask_identity},
    Row{StepKind::attach_disk, Program::hypervisor, "attach_disk", ask_disk},
    Row{StepKind::detach_disk, Program::hypervisor, "detach_disk", ask_disk},
    Row{StepKind::resize_disk, Program::hypervisor, "resize_disk", ask_disk},
    Row{StepKind::attach_nic, Program::hypervisor, "attach_nic", ask_nic},
    Row{StepKind::detach_nic, Program::hypervisor, "detach_nic", ask_nic},
    Row{StepKind::update_nic, Program::hypervisor, "update_nic", ask_bandwidth},
    Row{StepKind::update_rules, Program::network, "update_rules", ask_network},
    Row{StepKind::reconfigure, Program::hypervisor, "reconfigure", ask_context_change},
    Row{StepKind::snapshot_create, Program::hypervisor, "snapshot_create", ask_snapshot},
    Row{StepKind::snapshot_revert, Program::hypervisor, "snapshot_revert", ask_snapshot},
    Row{StepKind::snapshot_delete, Program::hypervisor, "snapshot_delete", ask_snapshot},
    Row{StepKind::disk_snapshot_create, Program::hypervisor, "disk_snapshot_create", ask_disk},
    Row{StepKind::make_image, Program::datastore, "mkfs", ask_image},
    Row{StepKind::resize, Program::hypervisor, "resize", ask_resize},
    Row{StepKind::exec, Program::hypervisor, "exec", ask_command},
    Row{StepKind::exec_cancel, Program::hypervisor, "exec_cancel", ask_command},
};

const History* record_at(const Vm& vm, Where where) {
  const bool leaves = vm.lcm_state == LcmState::save_migrate || vm.lcm_state == LcmState::migrate;
  const bool previous = where == Where::previous || (where == Where::guest && leaves);
  return previous ? vm.previous() : vm.current();
}

/// Transfers of a VM that is off its host run where its files are, and images are made there.
std::string node_of(const VmStep& asked, const History& record) {
  const Vm& vm = asked.vm;
  if (asked.operation == VmOperation::tm_epilog_front_end || asked.kind == StepKind::make_image ||
      files_are_at_front_end(vm)) {
    return "";
  }
  return record.hostname.empty() ? vm.current()->hostname : record.hostname;
}

std::string program_name(Program program, const History& record) {
  constexpr std::array names{"", "tm", "vnm", "datastore"};
  if (program == Program::hypervisor) return record.vm_mad;
  return names[static_cast<std::size_t>(program)];
}

}  // namespace

Result<std::optional<DriverRequest>> vm_request(const Snapshot& snapshot, const VmStep& asked,
                                                const VmSettings& settings) {
  const Row& row = rows[static_cast<std::size_t>(asked.kind)];
  NUBO_ASSERT(row.kind == asked.kind);
  const History* record = record_at(asked.vm, asked.where);
  if (!record) return fail(Code::internal, "VM {} has not been on a host", asked.vm.id);
  const Scene scene{snapshot, asked.vm, asked.operation, *record, asked.learned, settings};
  NUBO_TRY(std::optional<driver::Values> args, row.ask(scene));
  if (!args) return std::nullopt;
  return DriverRequest{.driver = program_name(row.program, *record),
                       .request = {.id = 0,
                                   .action = row.action,
                                   .object = {"vm", asked.vm.id.value},
                                   .node = node_of(asked, *record),
                                   .deadline = deadline_of(asked.kind),
                                   .args = std::move(*args)}};
}

Result<DriverRequest> image_request(const Snapshot& snapshot, const Effect& effect,
                                    const VmSettings& settings) {
  NUBO_TRY(const Ptr<Image> image, snapshot.get<Image>(ImageId{effect.object}));
  NUBO_TRY(const Ptr<Datastore> datastore, snapshot.get<Datastore>(image->datastore_id));
  const std::string action = effect.operation.substr(effect.operation.find('.') + 1);
  return DriverRequest{
      .driver = "datastore",
      .request = {.id = 0,
                  .action = action,
                  .object = {"image", effect.object},
                  .node = "",
                  .deadline = image_deadline,
                  .args = {{"image", document(*image, settings)},
                           {"datastore", document(*datastore, settings)}}}};
}

}  // namespace nubo
