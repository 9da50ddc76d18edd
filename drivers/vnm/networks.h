// SPDX-License-Identifier: Apache-2.0
// Networks: the requests pre, post and clean (docs/driver-protocol.md, "Network driver"). For each
// VN_MAD among a VM's NICs: built in (bridge, dummy), or a folder of scripts REMOTES/vnm/<name> as
// OpenNebula's add-ons bring them (sheet drivers.md §5), which run on the node. Any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nubo/driver/context.h"
#include "nubo/driver/message.h"
#include "ssh/nodes.h"
#include "text/template.h"

namespace nubo::vnm {

using driver::Context;
using driver::Request;
using driver::Values;

class Networks {
 public:
  /// Before any request. Code::internal naming the setting that is wrong.
  Status configure(const Values& settings);

  /// Runs request.action for all the VM's networks, in the order of its NICs; the first failure
  /// ends it.
  Result<Values> run(const Request& request, Context& context);

 private:
  Status run_bridge(const Request& request, const Template& vm, const Context& context);
  Status run_scripts(const std::string& driver, const Request& request, const Context& context);
  Status copy_remotes(const std::string& node, const Context& context);

  std::string remotes_;       // REMOTES: the scripts on the front-end
  std::string node_remotes_;  // SCRIPTS_REMOTE_DIR: where they are on the nodes
  bool keep_empty_bridge_ = false;
  std::unique_ptr<ssh::Nodes> nodes_;
};

/// The distinct VN_MADs of a VM's NICs, aliases and PCI devices, in this order.
std::vector<std::string> drivers_of(const Template& vm);

}  // namespace nubo::vnm
