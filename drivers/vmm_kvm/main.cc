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

/// A method of one of them, as a function of all.
template <auto part, auto method>
Result<Values> run(Kvm& kvm, const Request& request, Context& context) {
  return ((kvm.*part).*method)(request, context);
}

struct Row {
  const char* action;
  Result<Values> (*run)(Kvm&, const Request&, Context&);
  Lane lane;
};

constexpr Row rows[] = {
    {"deploy", run<&Kvm::actions, &kvm::Actions::deploy>, Lane::work},
    {"shutdown", run<&Kvm::actions, &kvm::Actions::shutdown>, Lane::work},
    {"cancel", run<&Kvm::actions, &kvm::Actions::cancel>, Lane::quick},
    {"reboot", run<&Kvm::actions, &kvm::Actions::reboot>, Lane::quick},
    {"reset", run<&Kvm::actions, &kvm::Actions::reset>, Lane::quick},
    {"save", run<&Kvm::actions, &kvm::Actions::save>, Lane::work},
    {"restore", run<&Kvm::actions, &kvm::Actions::restore>, Lane::work},
    {"migrate", run<&Kvm::actions, &kvm::Actions::migrate>, Lane::work},
    {"probe", run<&Kvm::actions, &kvm::Actions::probe>, Lane::quick},
    {"attach_disk", run<&Kvm::changes, &kvm::Changes::attach_disk>, Lane::work},
    {"detach_disk", run<&Kvm::changes, &kvm::Changes::detach_disk>, Lane::work},
    {"resize_disk", run<&Kvm::changes, &kvm::Changes::resize_disk>, Lane::work},
    {"attach_nic", run<&Kvm::changes, &kvm::Changes::attach_nic>, Lane::work},
    {"detach_nic", run<&Kvm::changes, &kvm::Changes::detach_nic>, Lane::work},
    {"update_nic", run<&Kvm::changes, &kvm::Changes::update_nic>, Lane::work},
    {"reconfigure", run<&Kvm::changes, &kvm::Changes::reconfigure>, Lane::work},
    {"resize", run<&Kvm::changes, &kvm::Changes::resize>, Lane::work},
    {"snapshot_create", run<&Kvm::changes, &kvm::Changes::snapshot_create>, Lane::work},
    {"snapshot_revert", run<&Kvm::changes, &kvm::Changes::snapshot_revert>, Lane::work},
    {"snapshot_delete", run<&Kvm::changes, &kvm::Changes::snapshot_delete>, Lane::work},
    {"start_monitor", run<&Kvm::monitors, &kvm::Monitors::start>, Lane::quick},
    {"stop_monitor", run<&Kvm::monitors, &kvm::Monitors::stop>, Lane::quick},
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
    const auto handle = [&kvm, run = row.run](const Request& request, Context& context) {
      return run(*kvm, request, context);
    };
    program.on(row.action, handle, row.lane);
  }
  const int code = program.run();
  // Calls into libvirt that a frozen node still holds must not be waited for.
  std::_Exit(code);
}
