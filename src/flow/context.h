// SPDX-License-Identifier: Apache-2.0
// CONTEXT: what the guest is told (sheet vm-lifecycle.md §5.9). Variables are substituted and the
// ETHn_* values made when the VM is; the CD is written anew from them at each boot.
#pragma once

#include <string>

#include "base/result.h"
#include "store/draft.h"

namespace nubo {

/// Substitutes variables in CONTEXT and adds what set_device_context() says. Nothing without
/// CONTEXT. Code::internal with the place of a mistake.
Status set_context(const Draft& draft, Vm& vm);

/// The values of CONTEXT with their variables substituted.
Result<Vector> substituted_context(const Draft& draft, const Vm& vm, const Vector& given);

/// Writes into CONTEXT what devices say of themselves: with NETWORK=YES the network values of each
/// NIC, the addresses of PCI devices, the mounts of shared directories. Again after NICs changed.
void set_device_context(const Snapshot& world, Vm& vm);

/// The text of context.sh: one NAME='value' line per key, sorted; "" without CONTEXT.
std::string context_file(const Vm& vm);

/// Further files for the CD: CONTEXT's FILES and FILES_DS, as a `source:'name'` list with blanks
/// between; without name the file keeps its own.
std::string context_files(const Vm& vm);

}  // namespace nubo
