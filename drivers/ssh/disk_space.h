// SPDX-License-Identifier: Apache-2.0
// What the transfer and the datastore driver both need of a datastore: the node that speaks for it
// and the room that is left.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "nubo/driver/message.h"
#include "ssh/nodes.h"

namespace nubo::ssh {

/// The node of a BRIDGE_LIST that does the work for that id; "" (the front-end) for an empty list.
std::string choose_bridge(std::string_view bridge_list, int id);

/// total_mb, used_mb and free_mb of the file system that holds a directory, which is made when
/// missing.
Result<driver::Values> disk_space(Nodes& nodes, const Place& directory,
                                  const driver::Context& context);

/// The same values out of what a monitor script prints: TOTAL_MB=, USED_MB=, FREE_MB=, in any
/// order.
Result<driver::Values> parse_disk_space(const std::string& text);

}  // namespace nubo::ssh
