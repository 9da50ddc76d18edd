// SPDX-License-Identifier: Apache-2.0
// Datastores: the actions of the datastore driver (docs/driver-protocol.md). Handlers run on the
// program's worker threads.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "nubo/driver/program.h"
#include "ssh/nodes.h"

namespace nubo::datastore {

class Datastores {
 public:
  /// Code::internal for settings that cannot be understood. Before any other call.
  Status configure(const driver::Values& settings);

  /// Any of `actions`.
  Result<driver::Values> run(const driver::Request& request, driver::Context& context);

  static const std::vector<std::string>& actions();

 private:
  std::unique_ptr<ssh::Nodes> nodes_;
  std::string remotes_;
  std::set<std::string> legacy_;
  std::vector<std::string> always_restricted_;
};

}  // namespace nubo::datastore
