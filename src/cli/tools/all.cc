// SPDX-License-Identifier: Apache-2.0
#include "cli/tools/all.h"

#include <vector>

namespace nubo::cli {

std::span<const Tool> all_tools() {
  static const std::vector<Tool> tools{
      acl_tool(),      backupjob_tool(), cluster_tool(),    datastore_tool(), group_tool(),
      hook_tool(),     host_tool(),      image_tool(),      market_tool(),    marketapp_tool(),
      secgroup_tool(), template_tool(),  user_tool(),       vdc_tool(),       vm_tool(),
      vmgroup_tool(),  vnet_tool(),      vntemplate_tool(), vrouter_tool(),   zone_tool(),
  };
  return tools;
}

const Tool* find_tool(std::string_view name) {
  for (const Tool& tool : all_tools()) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

}  // namespace nubo::cli
