// SPDX-License-Identifier: Apache-2.0
#include "datastore/datastores.h"
#include "nubo/driver/program.h"

int main() {
  using nubo::driver::Lane;
  nubo::driver::Program program({.name = "datastore"});
  nubo::datastore::Datastores datastores;
  program.on_configure(
      [&datastores](const auto& settings) { return datastores.configure(settings); });
  for (const std::string& action : nubo::datastore::Datastores::actions()) {
    const bool is_quick = action == "stat" || action == "monitor";
    program.on(
        action, [&datastores](const auto& r, auto& c) { return datastores.run(r, c); },
        is_quick ? Lane::quick : Lane::work);
  }
  return program.run();
}
