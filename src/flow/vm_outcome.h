// SPDX-License-Identifier: Apache-2.0
// What the end of a driver operation makes of its VM: DEPLOY_ID, the ERROR attribute, and the step
// of the VM machine. Writer thread.
#pragma once

#include "base/result.h"
#include "flow/image_step.h"
#include "store/draft.h"

namespace nubo {

/// Applies the end of a VM operation. Nothing when the VM is over or moved on without it.
Status finish_vm_operation(Draft& draft, const Effect& effect, const OperationOutcome& outcome);

}  // namespace nubo
