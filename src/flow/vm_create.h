// SPDX-License-Identifier: Apache-2.0
// Making a VM from a template: checks, which attributes are the system's and which the user's,
// disks, NICs, context, requirements (sheet vm-lifecycle.md §5.1). Writer thread.
#pragma once

#include "base/result.h"
#include "flow/settings.h"
#include "store/draft.h"

namespace nubo {

struct VmOrder {
  Owned owner;         // uid, gid, their names, permissions; the name is the template's
  Template attributes;
  bool on_hold = false;
};

/// The id of the new VM: PENDING, HOLD, or CLONING while an image is still being made.
/// Code::internal with the plain cause.
Result<VmId> create_vm(Draft& draft, const VmOrder& order, const VmSettings& settings);

}  // namespace nubo
