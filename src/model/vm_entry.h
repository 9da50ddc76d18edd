// SPDX-License-Identifier: Apache-2.0
// What the pool of VMs keeps of each. Lists of VMs are long and asked for often, and a VM changes a
// dozen times before it runs: its documents are made when a list first needs them, and kept as they
// go over the wire, as XML character data (text/escape.h).
#pragma once

#include "model/kept_text.h"
#include "model/pool.h"
#include "model/vm.h"

namespace nubo {

template <>
struct Entry<Vm> {
  Vm object;
  KeptText brief = {};
  KeptText extended = {};
};

/// Nothing is made before a list asks.
inline void render(Entry<Vm>&) {}

/// What one.vmpool.info shows, escaped.
const std::string& brief_document(const Entry<Vm>& entry);

/// Whether extended_document() is kept: that of a VM with many attributes would hold all of them a
/// second time.
bool keeps_extended(const Entry<Vm>& entry);

/// What one.vmpool.infoextended shows, escaped; for a VM that keeps it.
const std::string& extended_document(const Entry<Vm>& entry);

}  // namespace nubo
