// SPDX-License-Identifier: Apache-2.0
// vnm: the networks of VMs on their nodes (README.md).
#include "nubo/driver/program.h"
#include "vnm/networks.h"

int main() {
  using nubo::driver::Context;
  using nubo::driver::Request;
  nubo::driver::Program program({.name = "vnm"});
  nubo::vnm::Networks networks;
  program.on_configure([&networks](const auto& settings) { return networks.configure(settings); });
  for (const char* action : {"pre", "post", "clean", "update_rules"}) {
    program.on(action, [&networks](const Request& r, Context& c) { return networks.run(r, c); });
  }
  return program.run();
}
