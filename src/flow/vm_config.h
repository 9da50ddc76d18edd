// SPDX-License-Identifier: Apache-2.0
// updateconf: what a VM's owner may change of the system template, and when the guest takes it
// (sheet vm-lifecycle.md §2.10). Writer thread.
#pragma once

#include "flow/settings.h"
#include "flow/vm_change.h"
#include "text/template.h"

namespace nubo {

enum class ConfigUpdate { replace, append };

/// Takes BACKUP_CONFIG out of what was given for a new VM, if it is there.
void take_backup_config(Vm& vm, Template& given);

/// The attributes of `given` that an update takes, with the keys that it takes of each.
Template accepted_config(const Template& given);

/// Changes the configuration. A guest that runs is told when its CONTEXT has changed, otherwise it
/// takes effect at the next boot. Code::internal with what stands in the way.
Status update_config(Draft& draft, const ChangeOrder& order, const Template& given,
                     ConfigUpdate mode, const VmSettings& settings);

}  // namespace nubo
