// SPDX-License-Identifier: Apache-2.0
// The options that describe an address range, and the AR text they make (sheet cli.md §1.11).
#pragma once

#include <string>

#include "cli/run.h"

namespace nubo::cli {

OptionGroup address_range_options();

/// Whether any of them was given.
bool has_address_range(const Options& options);

/// "AR = [ TYPE="IP4", SIZE = 4, … ]", or what is missing.
Result<std::string> address_range_text(const Options& options);

}  // namespace nubo::cli
