// SPDX-License-Identifier: Apache-2.0
// The NUMA nodes that a host reports: attributes CORE, HUGEPAGE and MEMORY_NODE with the NODE_ID
// that they belong to (sheet drivers.md, "Host monitoring"), as documents show them, a node at a
// time (sheet xml.md §3.2). Values only; called from where reports are applied.
#pragma once

#include "model/host.h"
#include "text/xml_writer.h"

namespace nubo {

/// Takes the nodes out of a host's report. Threads are free: `cpu:-1`.
NumaNodes take_numa_nodes(Template& report);

/// `<NUMA_NODE>…</NUMA_NODE>` for each node of a report of use: free huge pages, free and used
/// memory.
void write_numa_use(XmlWriter& out, const Template& monitor);

}  // namespace nubo
