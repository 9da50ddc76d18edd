// SPDX-License-Identifier: Apache-2.0
// The driver steps of each VM operation (sheet vm-lifecycle.md §2.6): in order, the first failure
// ends the operation after its undo steps; optional steps never fail it. Pure data.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.h"
#include "model/vm_machine.h"

namespace nubo {

/// One request to one driver program.
enum class StepKind : std::uint8_t {
  transfer,       // the transfer lines of the operation
  transfer_back,  // those that undo them
  context,        // the context CD, if the VM has one
  premigrate,
  postmigrate,
  failmigrate,
  network_pre,
  network_post,
  network_clean,
  deploy,
  restore,
  save,
  shutdown,
  cancel,
  migrate,
  reboot,
  reset,
  attach_disk,
  detach_disk,
  resize_disk,
  attach_nic,
  detach_nic,
  update_nic,
  update_rules,
  reconfigure,  // the guest sees the new context CD
  snapshot_create,
  snapshot_revert,
  snapshot_delete,
  disk_snapshot_create,
  make_image,  // the empty image that a disk is saved to
  resize,
  exec,
  exec_cancel,
};

/// On which node: where the VM is to be, where it was, or where its guest runs now.
enum class Where : std::uint8_t { host, previous, guest };

struct UndoStep {
  StepKind kind;
  Where where = Where::host;
};

struct Step {
  StepKind kind;
  Where where = Where::host;
  bool optional = false;
  std::span<const UndoStep> undo{};
};

std::span<const Step> steps_of(VmOperation operation);

/// How long a step may take from when it is asked of the node.
Milliseconds deadline_of(StepKind kind);

}  // namespace nubo
