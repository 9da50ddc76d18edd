// SPDX-License-Identifier: Apache-2.0
// Every tool, each from its own file.
#pragma once

#include "cli/tool.h"

namespace nubo::cli {

Tool acl_tool();
Tool backupjob_tool();
Tool cluster_tool();
Tool datastore_tool();
Tool group_tool();
Tool hook_tool();
Tool host_tool();
Tool image_tool();
Tool market_tool();
Tool marketapp_tool();
Tool secgroup_tool();
Tool template_tool();
Tool user_tool();
Tool vdc_tool();
Tool vm_tool();
Tool vmgroup_tool();
Tool vnet_tool();
Tool vntemplate_tool();
Tool vrouter_tool();
Tool zone_tool();

}  // namespace nubo::cli
