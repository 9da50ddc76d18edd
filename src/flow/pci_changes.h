// SPDX-License-Identifier: Apache-2.0
// PCI devices of a VM that is off: taken from its host, and given back (sheet vm-lifecycle.md §2.5,
// §6.1). Writer thread.
#pragma once

#include "flow/vm_change.h"

namespace nubo {

/// Code::action when the state does not allow it or the host has no such device that is free.
Status attach_pci(Draft& draft, const ChangeOrder& order, Vector device);
Status detach_pci(Draft& draft, const ChangeOrder& order, int pci);

/// The VM leaves the host: its devices are free again, and it has none.
void free_pci_devices(Draft& draft, HostId host, Vm& vm);

}  // namespace nubo
