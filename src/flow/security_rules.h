// SPDX-License-Identifier: Apache-2.0
// Rules of security groups in the VMs that they apply to (sheet objects.md §4.11, "Propagation").
// Writer thread.
#pragma once

#include "store/draft.h"

namespace nubo {

/// Whether the VM is in the middle of something that new rules would disturb.
bool refuses_rules(const Vm& vm);

/// Writes the group's rules anew into its outdated VMs; those in the middle of a start or a
/// migration end in ERROR_VMS, for one.secgroup.commit to try again.
Status push_rules(Draft& draft, SecurityGroupId id);

/// A guest that runs gets the rules of its document by an effect of its own, since they change
/// nothing about the VM's state; until then it is one of the group's UPDATING_VMS.
Status send_rules(Draft& draft, const Vm& vm, SecurityGroup& group);
/// The end of that effect.
void finish_rules_update(Draft& draft, const Effect& effect, bool good);

}  // namespace nubo
