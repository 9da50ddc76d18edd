// SPDX-License-Identifier: Apache-2.0
// Making VMs for calls: in the caller's name and with his rights.
#pragma once

#include "api/calls.h"
#include "flow/vm_create.h"

namespace nubo::api {

/// The id of the new VM. Code::authorization when the caller may not use what it consists of, and
/// the codes of create_vm().
Result<Value> make_vm(Draft& draft, const Context& call, VmOrder order);

/// Code::authorization when attributes given on top of a template change what only admins may.
Status check_vm_extra(const Snapshot& state, const Context& call, const Template& extra,
                      const VmTemplate& base);

}  // namespace nubo::api
