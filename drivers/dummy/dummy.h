// SPDX-License-Identifier: Apache-2.0
// Dummy: the actions of every kind of driver, done in thought only (docs/driver-protocol.md). All
// of them succeed at once unless the orders for an object say otherwise. Handlers run on the
// program's worker threads.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control.h"
#include "monitor.h"
#include "nubo/driver/program.h"
#include "world.h"

namespace nubo::dummy {

class Dummy {
 public:
  explicit Dummy(driver::Program& program);

 private:
  using Action = Result<Values> (Dummy::*)(const driver::Request&);

  Result<Values> answer(const driver::Request& request, driver::Context& context, Action action);
  std::vector<Values> layers_for(const driver::Request& request, const ControlLines& control);
  bool fails_this_time(const driver::Request& request, const Order& order);

  Result<Values> deploy(const driver::Request& request);
  Result<Values> leave(const driver::Request& request);
  Result<Values> touch(const driver::Request& request);
  Result<Values> make_snapshot(const driver::Request& request);
  Result<Values> save(const driver::Request& request);
  Result<Values> migrate(const driver::Request& request);
  Result<Values> probe(const driver::Request& request);
  Result<Values> start_monitor(const driver::Request& request);
  Result<Values> stop_monitor(const driver::Request& request);
  Result<Values> nothing(const driver::Request& request);
  Result<Values> copy_image(const driver::Request& request);
  Result<Values> make_image(const driver::Request& request);
  Result<Values> clone_image(const driver::Request& request);
  Result<Values> stat_image(const driver::Request& request);
  Result<Values> datastore_sizes(const driver::Request& request);
  Result<Guest> guest_of(const driver::Request& request);

  Values settings_;  // set before any handler runs
  World world_;
  std::unique_ptr<Control> control_;
  std::unique_ptr<Monitor> monitor_;
  Guarded<std::map<std::string, int>> failures_;  // so far, by object and action
};

}  // namespace nubo::dummy
