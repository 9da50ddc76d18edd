// SPDX-License-Identifier: Apache-2.0
#include "ssh/front_end.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace nubo::ssh {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

}  // namespace

FrontEndLocations front_end_locations() {
  FrontEndLocations all{.etc = "/etc/one", .var = "/var/lib/one", .home = environment("HOME")};
  if (const std::string location = environment("ONE_LOCATION"); !location.empty()) {
    all.etc = location + "/etc";
    all.var = location + "/var";
  }
  if (all.home.empty()) {
    const passwd* entry = ::getpwuid(::geteuid());  // NOLINT(concurrency-mt-unsafe)
    all.home = entry == nullptr ? "/" : entry->pw_dir;
  }
  return all;
}

bool is_below_any(const std::filesystem::path& file, const std::vector<std::string>& directories) {
  std::error_code ignored;
  const auto real = std::filesystem::weakly_canonical(file, ignored);
  return std::ranges::any_of(directories, [&](const std::string& directory) {
    const auto root = std::filesystem::weakly_canonical(directory, ignored);
    return !root.empty() &&
           std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
  });
}

}  // namespace nubo::ssh
