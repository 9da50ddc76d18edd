// SPDX-License-Identifier: Apache-2.0
// Changes: the requests about guests that stay where they are: devices come and go, snapshots,
// capacity (docs/driver-protocol.md, "Virtual machine drivers"). Each may be asked again after a
// crash. Any thread; lives as long as the program.
#pragma once

#include "vmm_kvm/actions.h"

namespace nubo::kvm {

class Changes {
 public:
  explicit Changes(Actions::Parts parts) : parts_(parts) {}

  Result<Values> attach_disk(const Request& request, Context& context);
  Result<Values> detach_disk(const Request& request, Context& context);
  Result<Values> resize_disk(const Request& request, Context& context);
  Result<Values> attach_nic(const Request& request, Context& context);
  Result<Values> detach_nic(const Request& request, Context& context);
  Result<Values> update_nic(const Request& request, Context& context);
  Result<Values> reconfigure(const Request& request, Context& context);
  Result<Values> resize(const Request& request, Context& context);
  Result<Values> snapshot_create(const Request& request, Context& context);
  Result<Values> snapshot_revert(const Request& request, Context& context);
  Result<Values> snapshot_delete(const Request& request, Context& context);

 private:
  const Actions::Parts parts_;
};

}  // namespace nubo::kvm
