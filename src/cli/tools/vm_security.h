// SPDX-License-Identifier: Apache-2.0
// The network blocks of a machine's page: NICs, aliases, port forwarding, security groups.
#pragma once

#include "cli/page.h"
#include "cli/run.h"

namespace nubo::cli {

void print_nics(Run& run, Page& page, const XmlNode& vm);
void print_security(Page& page, const XmlNode& vm);

}  // namespace nubo::cli
