// SPDX-License-Identifier: Apache-2.0
// NIC and NIC_ALIAS vectors of a new VM: the network behind each, its lease, what network and
// address range add, the rules of the security groups (sheets vm-lifecycle.md §5.5, objects.md
// §4.4). Writer thread.
#pragma once

#include "base/result.h"
#include "flow/settings.h"
#include "store/draft.h"

namespace nubo {

/// Numbers and completes every NIC and alias of the VM and takes their leases. Code::internal
/// naming the network when one cannot be had.
Status complete_nics(Draft& draft, Vm& vm, const VmSettings& settings);

/// Connects the NICs in NETWORK_MODE auto for which `chosen` names a network by NIC_ID, and says so
/// in CONTEXT. Code::action.
Status connect_automatic_nics(Draft& draft, Vm& vm, const Template& chosen,
                              const VmSettings& settings);
enum class NicKind { nic, alias };

/// The same for one that comes later, which is not in the VM yet; an alias is noted in its parent.
Status complete_new_nic(Draft& draft, Vm& vm, NicKind kind, Vector& nic,
                        const VmSettings& settings);

/// Gives the lease of one NIC of the VM back.
void release_nic(Draft& draft, Vm& vm, const Vector& nic);

/// Writes the rules of the security groups that the NICs name, and the VM into the groups.
void refresh_rules(Draft& draft, Vm& vm);

/// Gives all leases of the VM back and takes it off its networks and security groups.
void release_nics(Draft& draft, const Vm& vm);

}  // namespace nubo
