// SPDX-License-Identifier: Apache-2.0
// More or less CPU and memory for a VM, running or not (sheet vm-lifecycle.md §2.5, resize). Writer
// thread.
#pragma once

#include <optional>

#include "flow/settings.h"
#include "flow/vm_change.h"

namespace nubo {

struct NewCapacity {
  std::optional<std::string> cpu;  // as the template shows it
  std::optional<std::string> vcpu;
  std::optional<std::string> memory;  // MB
  bool enforce = true;                // the host must have room for it
};

/// Charges the host with the new values at once. Code::action when the state, the driver or the
/// host does not allow it.
Status resize(Draft& draft, const ChangeOrder& order, const NewCapacity& wanted,
              const VmSettings& settings);

// The ends of the operation.
void keep_capacity(Draft& draft, Vm& vm, const Effect& effect);
void restore_capacity(Draft& draft, Vm& vm, const Effect& effect);

}  // namespace nubo
