// SPDX-License-Identifier: Apache-2.0
// The transfer lines of an operation on a VM: what the transfer driver has to do, in order, with
// disks and directories (sheets vm-lifecycle.md §2.7, drivers.md §3.1-3.2). Functions of the VM's
// document; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/vm.h"
#include "model/vm_machine.h"

namespace nubo {

struct TransferSites {
  std::string front_end;           // its host name in lines
  std::string datastore_location;  // /var/lib/one/datastores, on every node
  std::string vm_location;         // /var/lib/one/vms, on the front-end
};

/// The system directory of the VM during that record: <datastore_location>/<datastore>/<vm>.
std::string system_directory(const History& record, const TransferSites& sites);

struct TransferWork {
  VmOperation operation;
  std::string image_source = {};  // for tm_saveas: where the new image is
};

/// One line per step, each with its newline; "" when the operation moves nothing. For
/// VmOperation::vmm_deploy and vmm_restore it is the context CD, for vmm_cleanup* the removal, for
/// changes of a disk (vm_change.h) the line of that disk. Code::internal when a disk lacks what its
/// line needs, or holds blanks, which lines cannot carry.
Result<std::string> transfer_lines(const Vm& vm, const TransferWork& work,
                                   const TransferSites& sites);

/// The line that takes out again what an attach has brought.
Result<std::string> undoing_lines(const Vm& vm, VmOperation operation, const TransferSites& sites);

/// Whether the VM's files are on the front-end while its disks are worked on.
bool files_are_at_front_end(const Vm& vm);

/// The line round a live migration from the previous record's host to the current one's; `verb` is
/// PREMIGRATE, POSTMIGRATE or FAILMIGRATE.
Result<std::string> migration_line(const Vm& vm, std::string_view verb, const TransferSites& sites);

}  // namespace nubo
