// SPDX-License-Identifier: Apache-2.0
// Where the front-end keeps what is not a datastore (sheet drivers.md §8.1).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nubo::ssh {

struct FrontEndLocations {
  std::string etc, var, home;
};

/// By ONE_LOCATION and HOME as this program got them. Before its worker threads start.
FrontEndLocations front_end_locations();

/// Whether a file, its links followed, is one of the directories or below one.
bool is_below_any(const std::filesystem::path& file, const std::vector<std::string>& directories);

/// Which files of the front-end are read for users.
struct FileRules {
  std::vector<std::string> restricted;  // directories
  std::vector<std::string> safe;        // those below restricted ones that are free again

  bool allow(const std::filesystem::path& file) const {
    return is_below_any(file, safe) || !is_below_any(file, restricted);
  }
};

}  // namespace nubo::ssh
