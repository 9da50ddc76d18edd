// SPDX-License-Identifier: Apache-2.0
// How onetemplate and onevntemplate list and show what they hold.
#pragma once

#include "cli/run.h"
#include "cli/tool.h"

namespace nubo::cli {

extern const ListLayout template_layout;
Status show_template(Run& run, const XmlNode& object);

}  // namespace nubo::cli
