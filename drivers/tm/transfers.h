// SPDX-License-Identifier: Apache-2.0
// Transfers: the actions of the transfer driver (docs/driver-protocol.md). Handlers run on the
// program's worker threads.
#pragma once

#include <memory>
#include <string>

#include "nubo/driver/program.h"
#include "ssh/front_end.h"
#include "ssh/nodes.h"

namespace nubo::tm {

class Transfers {
 public:
  /// Code::internal for settings that cannot be understood. Before any other call.
  Status configure(const driver::Values& settings);

  Result<driver::Values> run(const driver::Request& request, driver::Context& context);
  Result<driver::Values> probe(const driver::Request& request, driver::Context& context);
  Result<driver::Values> monitor(const driver::Request& request, driver::Context& context);

 private:
  std::unique_ptr<ssh::Nodes> nodes_;
  ssh::FileRules context_files_;
  std::string remotes_;  // where add-on drivers have their scripts
};

}  // namespace nubo::tm
