// SPDX-License-Identifier: Apache-2.0
// Which right an operation on a VM needs: users, groups and the configuration may say (sheet api.md
// §6: VM_ADMIN_OPERATIONS, VM_MANAGE_OPERATIONS, VM_USE_OPERATIONS).
#pragma once

#include <string_view>

#include "auth/identity.h"
#include "base/result.h"

namespace nubo {

/// The right for an operation by its word ("migrate", "disk-attach"), first as the caller's
/// template says, then his group's, then oned.conf (else the shipped lists); else `otherwise`.
Right vm_operation_right(const Snapshot& snapshot, const Identity& caller, std::string_view word,
                         Right otherwise = Right::manage);

/// Checks the three lists of a user's or group's template. Code::internal "Unknown vm operation:
/// W".
Status check_vm_operations(const Template& attributes);

}  // namespace nubo
