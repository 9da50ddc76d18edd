// SPDX-License-Identifier: Apache-2.0
// Waiting for machines: `onevm wait` and --wait of the commands that change their state. The
// daemon is asked again and again, 50 ms apart at first and up to a second.
#pragma once

#include <string>
#include <vector>

#include "cli/run.h"

namespace nubo::cli {

/// --wait and --timeout.
OptionGroup wait_options();

struct Goal {
  std::string states;      // names of STATE or LCM_STATE, joined with commas
  bool of_action = false;  // an action was started: back in a state of rest means that it failed
  int host = -1;           // where the machine must be then; -1: anywhere
};

/// Code::action when a machine fails or rests elsewhere, when it ends, or when time is over. The
/// message names the machine, its state and the error that the daemon noted.
Status wait_for(Run& run, const std::vector<int>& machines, const Goal& goal);

/// What --wait of the command waits for: wait_for() when the option was given.
Status wait_if_asked(Run& run, const std::vector<int>& machines, const Goal& goal);

/// `onevm wait`.
Result<int> wait_command(Run& run);
OptionGroup wait_command_options();

}  // namespace nubo::cli
