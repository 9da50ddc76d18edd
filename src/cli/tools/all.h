// SPDX-License-Identifier: Apache-2.0
// Every tool, each from its own file.
#pragma once

#include "cli/tool.h"

namespace nubo::cli {

Tool cluster_tool();
Tool datastore_tool();
Tool group_tool();
Tool host_tool();
Tool image_tool();
Tool secgroup_tool();
Tool template_tool();
Tool user_tool();
Tool vm_tool();
Tool vnet_tool();

}  // namespace nubo::cli
