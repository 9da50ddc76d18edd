// SPDX-License-Identifier: Apache-2.0
#include "daemon/locations.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace nubo {

Locations locate() {
  Locations locations;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables
  if (const char* root = std::getenv("ONE_LOCATION"); root != nullptr && *root != 0) {
    locations.etc = std::string(root) + "/etc";
    locations.var = std::string(root) + "/var";
    locations.log = locations.var;
  }
  std::error_code ignored;
  locations.programs = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  return locations;
}

std::string find_driver(const Locations& locations, const std::string& executable) {
  if (executable.empty()) return {};
  const auto usable = [](const std::string& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (executable.starts_with('/')) return usable(executable) ? executable : "";
  const std::string path = locations.programs + "/../lib/nubo/drivers/" + executable;
  return usable(path) ? std::filesystem::path(path).lexically_normal().string() : "";
}

}  // namespace nubo
