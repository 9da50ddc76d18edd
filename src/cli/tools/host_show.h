// SPDX-License-Identifier: Apache-2.0
// The page of a host and its monitoring table.
#pragma once

#include "cli/run.h"

namespace nubo::cli {

Status show_host(Run& run, const XmlNode& host);
Result<int> host_monitoring(Run& run);

}  // namespace nubo::cli
