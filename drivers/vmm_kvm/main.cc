// SPDX-License-Identifier: Apache-2.0
// vmm_kvm: runs VMs with libvirt and QEMU on nodes that are reached by SSH (README.md).
#include <cstdlib>
#include <optional>

#include "base/log.h"
#include "nubo/driver/program.h"
#include "vmm_kvm/actions.h"
#include "vmm_kvm/arrivals.h"
#include "vmm_kvm/changes.h"
#include "vmm_kvm/monitor.h"

namespace {

using namespace nubo;
using driver::Context;
using driver::Lane;
using driver::Program;
using driver::Request;
using driver::Values;

// What the handlers share, from the configure line on.
struct Kvm {
  Kvm(kvm::Settings given, driver::Emit emit)
      : settings(std::move(given)),
        links(settings),
        nodes(settings.ssh),
        actions({settings, clock, links, nodes, arrivals}),
        changes({settings, clock, links, nodes, arrivals}),
        monitors({settings, clock, links, nodes, arrivals, std::move(emit)}) {}

  kvm::Settings settings;
  SystemClock clock;
  kvm::Links links;
  ssh::Nodes nodes;
  kvm::Arrivals arrivals;
  kvm::Actions actions;
  kvm::Changes changes;
  kvm::Monitors monitors;
};

using Method = Result<Values> (kvm::Actions::*)(const Request&, Context&);

struct Row {
  const char* action;
  Method method;
  Lane lane;
};

constexpr Row rows[] = {
    {"deploy", &kvm::Actions::deploy, Lane::work},
    {"shutdown", &kvm::Actions::shutdown, Lane::work},
    {"cancel", &kvm::Actions::cancel, Lane::quick},
    {"reboot", &kvm::Actions::reboot, Lane::quick},
    {"reset", &kvm::Actions::reset, Lane::quick},
    {"save", &kvm::Actions::save, Lane::work},
    {"restore", &kvm::Actions::restore, Lane::work},
    {"migrate", &kvm::Actions::migrate, Lane::work},
    {"probe", &kvm::Actions::probe, Lane::quick},
};

using Change = Result<Values> (kvm::Changes::*)(const Request&, Context&);

struct ChangeRow {
  const char* action;
  Change method;
};

constexpr ChangeRow change_rows[] = {
    {"attach_disk", &kvm::Changes::attach_disk},
    {"detach_disk", &kvm::Changes::detach_disk},
    {"resize_disk", &kvm::Changes::resize_disk},
    {"attach_nic", &kvm::Changes::attach_nic},
    {"detach_nic", &kvm::Changes::detach_nic},
    {"update_nic", &kvm::Changes::update_nic},
    {"reconfigure", &kvm::Changes::reconfigure},
    {"resize", &kvm::Changes::resize},
    {"snapshot_create", &kvm::Changes::snapshot_create},
    {"snapshot_revert", &kvm::Changes::snapshot_revert},
    {"snapshot_delete", &kvm::Changes::snapshot_delete},
};

}  // namespace

int main() {
  Program program({.name = "kvm", .caps = {.running = 128, .per_node = 8}});
  std::optional<Kvm> kvm;
  program.on_configure([&kvm, emit = program.emitter()](const Values& values) -> Status {
    NUBO_TRY(kvm::Settings settings, kvm::settings_from(values));
    NUBO_CHECK(kvm::start_libvirt());
    kvm.emplace(std::move(settings), emit);
    return ok();
  });
  for (const Row& row : rows) {
    const auto handle = [&kvm, method = row.method](const Request& request, Context& context) {
      return (kvm->actions.*method)(request, context);
    };
    program.on(row.action, handle, row.lane);
  }
  for (const ChangeRow& row : change_rows) {
    const auto handle = [&kvm, method = row.method](const Request& request, Context& context) {
      return (kvm->changes.*method)(request, context);
    };
    program.on(row.action, handle, Lane::work);
  }
  program.on(
      "start_monitor",
      [&kvm](const Request& request, Context& context) {
        return kvm->monitors.start(request, context);
      },
      Lane::quick);
  program.on(
      "stop_monitor",
      [&kvm](const Request& request, Context& context) {
        return kvm->monitors.stop(request, context);
      },
      Lane::quick);
  const int code = program.run();
  // Calls into libvirt that a frozen node still holds must not be waited for.
  std::_Exit(code);
}
