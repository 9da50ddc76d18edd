// SPDX-License-Identifier: Apache-2.0
// What VMs take of hosts (sheet vm-lifecycle.md §6.1) and of a cluster's graphics ports (§5.7).
// Charged from deployment until the epilog is over, in the same change as the VM. Writer thread.
#pragma once

#include "base/result.h"
#include "store/draft.h"
#include "text/number_ranges.h"

namespace nubo {

/// Adds the VM to the host: its capacity, its id, one running VM. Nothing when it is there already
/// or the host is gone.
void charge(Draft& draft, HostId host, const Vm& vm);
/// Takes it off again; nothing when it is not there.
void refund(Draft& draft, HostId host, const Vm& vm);

/// Code::action naming what lacks when the VM does not fit on the host.
Status fits(const Host& host, const Vm& vm);

/// TOTAL less what RESERVED_CPU and RESERVED_MEM of the host, else of its cluster, keep back.
void set_limits(Host& host, const Cluster* cluster);

struct GraphicsPorts {
  int start = 5900;
  int end = 65535;
  NumberRanges reserved;
};

/// Gives GRAPHICS a PORT that no VM on the cluster's hosts has; nothing without GRAPHICS. A port
/// that the user asked for and that is taken, or none left, is Code::action; a port of an earlier
/// deployment is kept when it is still free. Ports are free again when the VM leaves its host.
Status take_graphics_port(const Draft& draft, Vm& vm, ClusterId cluster,
                          const GraphicsPorts& ports);

}  // namespace nubo
