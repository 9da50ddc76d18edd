// SPDX-License-Identifier: Apache-2.0
// Commands run inside a guest by its agent: QEMU_GA_EXEC in the VM's template says what was asked
// and what became of it (sheet vm-lifecycle.md §2.5, exec). Writer thread.
#pragma once

#include <string>

#include "flow/vm_change.h"

namespace nubo {

struct GuestCommand {
  std::string command;
  std::string standard_input;
};

/// Code::action unless the VM runs and no command is under way.
Status run_in_guest(Draft& draft, const ChangeOrder& order, const GuestCommand& command);
/// The stored one again.
Status run_in_guest_again(Draft& draft, const ChangeOrder& order);
Status cancel_in_guest(Draft& draft, const ChangeOrder& order);

// The ends of the operations.
void note_command_runs(Draft& draft, Vm& vm, const Effect& effect);
void note_command_cancelled(Draft& draft, Vm& vm, const Effect& effect);
void note_command_failed(Draft& draft, Vm& vm, const Effect& effect);

}  // namespace nubo
