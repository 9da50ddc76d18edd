// SPDX-License-Identifier: Apache-2.0
// Actions: the requests about VMs (docs/driver-protocol.md, "Virtual machine drivers"). Each may be
// asked again after a crash. Any thread; lives as long as the program.
#pragma once

#include "nubo/driver/context.h"
#include "nubo/driver/message.h"
#include "ssh/nodes.h"
#include "vmm_kvm/libvirt_domain.h"
#include "vmm_kvm/links.h"
#include "vmm_kvm/settings.h"

namespace nubo::kvm {

using driver::Context;
using driver::Request;
using driver::Values;

class Arrivals;

class Actions {
 public:
  struct Parts {
    const Settings& settings;
    const Clock& clock;
    Links& links;
    ssh::Nodes& nodes;
    Arrivals& arrivals;
  };

  explicit Actions(Parts parts) : parts_(parts) {}

  Result<Values> deploy(const Request& request, Context& context);
  Result<Values> shutdown(const Request& request, Context& context);
  Result<Values> cancel(const Request& request, Context& context);
  Result<Values> reboot(const Request& request, Context& context);
  Result<Values> reset(const Request& request, Context& context);
  Result<Values> save(const Request& request, Context& context);
  Result<Values> restore(const Request& request, Context& context);
  Result<Values> migrate(const Request& request, Context& context);
  Result<Values> probe(const Request& request, Context& context);

 private:
  Result<std::string> deployment_file(const Request& request, const DomainId& id, Context& context);
  Result<bool> settled(const DomainId& id, const Context& context);
  Status prepare_checkpoint(const DomainId& id, const std::string& checkpoint,
                            const Context& context);
  Result<bool> destroy(const std::string& node, const DomainId& id, const Context& context);

  const Parts parts_;
};

}  // namespace nubo::kvm
