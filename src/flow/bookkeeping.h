// SPDX-License-Identifier: Apache-2.0
// What a transition of the VM machine does beside changing the state (vm_machine.h, Bookkeeping):
// one small function per note, run in the order of their bits. Writer thread.
#pragma once

#include "base/result.h"
#include "flow/caller.h"
#include "model/vm_machine.h"
#include "store/draft.h"

namespace nubo {

/// Does every note of the row on the VM, which is still in the row's `from` state. A failure means
/// that the event is refused; the draft is then dropped by the writer.
Status keep_books(Draft& draft, Vm& vm, const VmRow& row, const Caller& caller);

}  // namespace nubo
