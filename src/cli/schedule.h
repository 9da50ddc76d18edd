// SPDX-License-Identifier: Apache-2.0
// Scheduled actions: the --schedule family of options, and the table of `show` (sheet cli.md
// §1.11).
#pragma once

#include <optional>
#include <string>

#include "cli/page.h"
#include "cli/run.h"

namespace nubo::cli {

OptionGroup schedule_options();

/// With --schedule: adds the action to each target's scheduled actions instead of running it, and
/// says so. Nothing when the option was not given.
std::optional<Result<int>> schedule_if_asked(Run& run, const std::string& action,
                                             const std::string& args);

/// Adds it to one object. `action` "": the object has only one (backup jobs).
Status add_schedule(Run& run, int id, const std::string& action, const std::string& args);

/// The block SCHEDULED ACTIONS; prints nothing when there are none.
void print_schedule(Run& run, Page& page, const XmlNode& attributes);

/// Seconds since 1970 of a date as people write it; nothing when it is none.
std::optional<long long> parse_date(const std::string& text, long long now);

}  // namespace nubo::cli
