// SPDX-License-Identifier: Apache-2.0
#include "nubo/driver/program.h"
#include "tm/transfers.h"

int main() {
  using nubo::driver::Context;
  using nubo::driver::Request;
  nubo::driver::Program program({.name = "tm"});
  nubo::tm::Transfers transfers;
  program.on_configure(
      [&transfers](const auto& settings) { return transfers.configure(settings); });
  program.on("run", [&transfers](const Request& r, Context& c) { return transfers.run(r, c); });
  program.on(
      "probe", [&transfers](const Request& r, Context& c) { return transfers.probe(r, c); },
      nubo::driver::Lane::quick);
  program.on(
      "monitor", [&transfers](const Request& r, Context& c) { return transfers.monitor(r, c); },
      nubo::driver::Lane::quick);
  return program.run();
}
