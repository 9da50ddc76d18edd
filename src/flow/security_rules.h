// SPDX-License-Identifier: Apache-2.0
// Rules of security groups in the VMs that they apply to (sheet objects.md §4.11, "Propagation").
// Writer thread.
#pragma once

#include "store/draft.h"

namespace nubo {

/// Writes the group's rules anew into its outdated VMs; those in the middle of a start or a migration
/// end in ERROR_VMS, for one.secgroup.commit to try again.
Status push_rules(Draft& draft, SecurityGroupId id);

}  // namespace nubo
