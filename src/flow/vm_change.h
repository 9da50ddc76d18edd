// SPDX-License-Identifier: Apache-2.0
// Changes of a VM that stays where it is: what is noted in the document when one begins is settled
// when its operation succeeds, and taken back when it fails or is given up (sheet vm-lifecycle.md
// §2.5, §2.8). Leases, images and capacity follow in the same change. Writer thread.
#pragma once

#include <string_view>

#include "base/result.h"
#include "flow/caller.h"
#include "model/vm_machine.h"
#include "store/draft.h"

namespace nubo {

/// Whose VM changes, and who asked for it.
struct ChangeOrder {
  VmId vm;
  Caller caller;
  bool is_by_router = false;  // as one of the VMs of its virtual router
};

/// The operation that the VM waits for, or nullptr.
const Effect* operation_under_way(const Draft& draft, VmId id);

/// What the operation was for has come true: its marks go, what was to be given up is.
void settle(Draft& draft, Vm& vm, const Effect& effect);
/// It has not: the document is as before, what had been taken for it is given back.
void take_back(Draft& draft, Vm& vm, const Effect& effect);

/// Code::action "Could not <what>, wrong state <STATE>." unless the event has a row.
Status check_state(const Vm& vm, VmEvent event, std::string_view what);
/// Code::action unless the VM has been on a host and belongs to no virtual router.
Status check_changeable(const Vm& vm);

/// The vector of that name and number ("DISK", "DISK_ID", 2), or nullptr.
Vector* device(Vm& vm, std::string_view name, std::string_view key, int id);
const Vector* device(const Vm& vm, std::string_view name, std::string_view key, int id);
/// The vector of that name with `mark`=YES, or nullptr.
Vector* marked(Vm& vm, std::string_view name, std::string_view mark);
const Vector* marked(const Vm& vm, std::string_view name, std::string_view mark);

}  // namespace nubo
