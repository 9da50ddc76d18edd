// SPDX-License-Identifier: Apache-2.0
// NICs and their security groups, of a VM that stays where it is (sheet vm-lifecycle.md §2.5,
// §5.5). Writer thread.
#pragma once

#include "flow/settings.h"
#include "flow/vm_change.h"
#include "flow/vm_nics.h"

namespace nubo {

/// Completes the NIC, takes its lease and starts the operation; a VM that is off has it at once.
/// Code::action with what stands in the way, here and below.
Status attach_nic(Draft& draft, const ChangeOrder& order, NicKind kind, Vector nic,
                  const VmSettings& settings);

Status detach_nic(Draft& draft, const ChangeOrder& order, int nic);

enum class BandwidthUpdate { replace, append };

/// Takes the bandwidth keys of `values`; a guest that runs is told when one changed.
Status update_nic(Draft& draft, const ChangeOrder& order, int nic, const Vector& values,
                  BandwidthUpdate mode);

struct GroupOrder {
  ChangeOrder change;
  int nic = -1;
  SecurityGroupId group;
};

/// Code::internal when the VM has no such NIC.
Status attach_group(Draft& draft, const GroupOrder& order);
Status detach_group(Draft& draft, const GroupOrder& order);

// The ends of the operations.
void keep_nic(Draft& draft, Vm& vm, const Effect& effect);
void drop_nic(Draft& draft, Vm& vm, const Effect& effect);
void keep_bandwidth(Draft& draft, Vm& vm, const Effect& effect);
void fail_bandwidth(Draft& draft, Vm& vm, const Effect& effect);

}  // namespace nubo
