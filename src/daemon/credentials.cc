// SPDX-License-Identifier: Apache-2.0
#include "daemon/credentials.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "auth/digest.h"
#include "base/fd.h"

namespace nubo {
namespace {

constexpr std::array server_files{"sunstone_auth", "onegate_auth", "oneflow_auth", "oneform_auth",
                                  "oneks_auth"};

constexpr std::size_t least_key_size = 32;

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  return value == nullptr ? "" : value;
}

std::string credentials_file(const Locations& locations) {
  if (std::string named = environment("ONE_AUTH"); !named.empty()) return named;
  if (const std::string home = environment("HOME"); !home.empty()) {
    std::string path = home + "/.one/one_auth";
    if (::access(path.c_str(), R_OK) == 0) return path;
  }
  return locations.var + "/.one/one_auth";
}

Status write_private(const std::string& path, std::string_view text) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const auto size = static_cast<ssize_t>(text.size());
  if (file && ::write(file.get(), text.data(), text.size()) == size) return ok();
  return fail(Code::internal, "cannot write {}: {}", path, std::generic_category().message(errno));
}

}  // namespace

Result<api::FirstUsers> read_credentials(const Locations& locations) {
  const std::string path = credentials_file(locations);
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) {
    return fail(Code::internal,
                "the first start needs the administrator's name:password in {} (or the file that "
                "ONE_AUTH names)",
                path);
  }
  line.erase(line.find_last_not_of(" \t\r") + 1);
  const auto colon = line.find(':');
  api::FirstUsers users;
  users.admin_name = line.substr(0, colon);
  if (colon == std::string::npos || users.admin_name.empty() || users.admin_name == "serveradmin" ||
      colon + 1 == line.size()) {
    return fail(Code::internal, "{} holds no name:password of an administrator", path);
  }
  users.admin_password = line.substr(colon + 1);
  users.server_secret = random_secret();
  return users;
}

Status write_server_credentials(const Locations& locations, const std::string& secret) {
  const std::string folder = locations.var + "/.one";
  ::mkdir(folder.c_str(), 0700);
  for (const char* name : server_files) {
    NUBO_CHECK(write_private(folder + "/" + name, fmt::format("serveradmin:{}\n", secret)));
  }
  return ok();
}

Result<std::string> master_key(const Locations& locations) {
  const std::string folder = locations.var + "/.one";
  const std::string path = folder + "/one_key";
  if (::access(path.c_str(), F_OK) != 0) {
    ::mkdir(folder.c_str(), 0700);
    NUBO_CHECK(write_private(path, random_secret()));
  }
  std::ifstream file(path);
  std::string key;
  if (file && std::getline(file, key) && key.size() >= least_key_size) return key;
  return fail(Code::internal, "{} holds no key of {} characters or more", path, least_key_size);
}

}  // namespace nubo
