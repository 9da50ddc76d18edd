// SPDX-License-Identifier: Apache-2.0
#include "flow/requests.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "base/assert.h"
#include "flow/context.h"
#include "flow/transfer_lines.h"

namespace nubo {
namespace {

constexpr Milliseconds image_deadline = std::chrono::hours{6};

/// What is known when a step is asked.
struct Scene {
  const Snapshot& snapshot;
  const Vm& vm;
  const VmOperation operation;
  const History& record;  // of the node where the step runs
  const std::string& deploy_id;
  const VmSettings& settings;
};

using Asked = Result<std::optional<driver::Values>>;

TransferSites sites(const VmSettings& settings) {
  return {settings.front_end, settings.datastore_location, settings.vm_location};
}

std::string document(const Vm& vm) { return to_xml(Vm::root, vm, Form::stored); }

template <class T>
std::string document(const Snapshot& snapshot, IdOf<T> id) {
  const Ptr<T> found = snapshot.find<T>(id);
  return found ? to_xml(T::root, *found, Form::stored) : "";
}

std::string checkpoint(const Scene& scene) {
  return system_directory(scene.record, sites(scene.settings)) + "/checkpoint";
}

driver::Values identity(const Scene& scene) {
  return {{"deploy_id", scene.deploy_id}, {"vm_id", std::to_string(scene.vm.id.value)}};
}

driver::Values guest(const Scene& scene) {
  driver::Values args = identity(scene);
  args["vm"] = document(scene.vm);
  args["host"] = document<Host>(scene.snapshot, scene.record.host_id);
  args["cluster"] = document<Cluster>(scene.snapshot, scene.record.cluster_id);
  args["datastore"] = document<Datastore>(scene.snapshot, scene.record.datastore_id);
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
  args["vm"] = document(scene.vm);
  return args;
}

Asked transfer_args(const Scene& scene, const Result<std::string>& lines) {
  if (!lines) return Failure(lines.error());
  if (lines->empty()) return std::nullopt;
  return driver::Values{{"lines", *lines},
                        {"vm", document(scene.vm)},
                        {"context", context_file(scene.vm)},
                        {"files", context_files(scene.vm)}};
}

Asked ask_transfer(const Scene& scene) {
  return transfer_args(scene, transfer_lines(scene.vm, scene.operation, sites(scene.settings)));
}

Asked migration(const Scene& scene, const char* verb) {
  return transfer_args(scene, migration_line(scene.vm, verb, sites(scene.settings)));
}

Asked ask_premigrate(const Scene& scene) { return migration(scene, "PREMIGRATE"); }

Asked ask_postmigrate(const Scene& scene) { return migration(scene, "POSTMIGRATE"); }

Asked ask_failmigrate(const Scene& scene) { return migration(scene, "FAILMIGRATE"); }

/// Which kind of program does a step; the hypervisor's is the one that the host names.
enum class Program : std::uint8_t { hypervisor, transfer, network };

struct Row {
  StepKind kind;
  Program program;
  const char* action;
  Asked (*ask)(const Scene&);
};

constexpr std::array rows{
    Row{StepKind::transfer, Program::transfer, "run", ask_transfer},
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
};

const History* record_at(const Vm& vm, Where where) {
  const bool leaves = vm.lcm_state == LcmState::save_migrate || vm.lcm_state == LcmState::migrate;
  const bool previous = where == Where::previous || (where == Where::guest && leaves);
  return previous ? vm.previous() : vm.current();
}

/// Transfers of a VM that is off its host run where its files are.
std::string node_of(const Vm& vm, VmOperation operation, const History& record) {
  if (operation == VmOperation::tm_epilog_front_end) return "";
  return record.hostname.empty() ? vm.current()->hostname : record.hostname;
}

std::string program_name(Program program, const History& record) {
  if (program == Program::hypervisor) return record.vm_mad;
  return program == Program::transfer ? "tm" : "vnm";
}

}  // namespace

Result<std::optional<DriverRequest>> vm_request(const Snapshot& snapshot, const VmStep& asked,
                                                const VmSettings& settings) {
  const Row& row = rows[static_cast<std::size_t>(asked.kind)];
  NUBO_ASSERT(row.kind == asked.kind);
  const History* record = record_at(asked.vm, asked.where);
  if (!record) return fail(Code::internal, "VM {} has not been on a host", asked.vm.id);
  const Scene scene{snapshot, asked.vm, asked.operation, *record, asked.deploy_id, settings};
  NUBO_TRY(std::optional<driver::Values> args, row.ask(scene));
  if (!args) return std::nullopt;
  return DriverRequest{.driver = program_name(row.program, *record),
                       .request = {.id = 0,
                                   .action = row.action,
                                   .object = {"vm", asked.vm.id.value},
                                   .node = node_of(asked.vm, asked.operation, *record),
                                   .deadline = deadline_of(asked.kind),
                                   .args = std::move(*args)}};
}

Result<DriverRequest> image_request(const Snapshot& snapshot, const Effect& effect) {
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
                  .args = {{"image", to_xml(Image::root, *image, Form::stored)},
                           {"datastore", to_xml(Datastore::root, *datastore, Form::stored)}}}};
}

}  // namespace nubo
