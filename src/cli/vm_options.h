// SPDX-License-Identifier: Apache-2.0
// The options that describe a machine (--cpu, --disk, --nic …) and the template text they make
// (sheet cli.md §1.11).
#pragma once

#include <optional>
#include <string>

#include "cli/run.h"

namespace nubo::cli {

OptionGroup vm_template_options();

/// The text of the options, or why they make none: an unreadable file, a malformed disk.
Result<std::string> vm_template_text(Run& run);

/// Text of the file argument or standard input, else of the options. Both at once are refused;
/// without either "".
Result<std::string> vm_template(Run& run, std::size_t file_argument);

}  // namespace nubo::cli
