// SPDX-License-Identifier: Apache-2.0
// TARGET: the device names of disks and of the context CD (sheet vm-lifecycle.md §5.4, "TARGET
// assignment order") and OS/BOOT's order of devices.
#pragma once

#include "base/result.h"
#include "flow/settings.h"
#include "store/draft.h"

namespace nubo {

/// Gives every DISK and the context CD a TARGET. Code::internal when two ask for the same one or a
/// bus has no room left.
Status assign_targets(const Draft& draft, Vm& vm, const VmSettings& settings);

/// The same for one disk that comes to those of the VM.
Status assign_target(const Vm& vm, Vector& disk, const VmSettings& settings);

/// Writes ORDER into the devices that OS/BOOT lists. Code::internal naming one that is not there.
Status set_boot_order(Vm& vm);

}  // namespace nubo
