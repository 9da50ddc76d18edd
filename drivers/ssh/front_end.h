// SPDX-License-Identifier: Apache-2.0
// Where the front-end keeps what is not a datastore (sheet drivers.md §8.1).
#pragma once

#include <string>

namespace nubo::ssh {

struct FrontEndLocations {
  std::string etc, var, home;
};

/// By ONE_LOCATION and HOME as this program got them. Before its worker threads start.
FrontEndLocations front_end_locations();

}  // namespace nubo::ssh
