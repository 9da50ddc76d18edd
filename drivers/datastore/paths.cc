// SPDX-License-Identifier: Apache-2.0
#include "datastore/paths.h"

#include <filesystem>

#include "base/numbers.h"
#include "ssh/front_end.h"

namespace nubo::datastore {

namespace {

namespace fs = std::filesystem;
using ssh::is_below_any;

}  // namespace

bool is_web_address(std::string_view path) {
  return path.starts_with("http://") || path.starts_with("https://");
}

Result<std::string> allowed_file(const std::string& path, const DatastoreFacts& datastore,
                                 const std::vector<std::string>& always_restricted) {
  constexpr std::string_view scheme = "file://";
  const std::string local = path.starts_with(scheme) ? path.substr(scheme.size()) : path;
  if (!local.starts_with('/')) return fail(Code::action, "cannot copy an image from {}", path);
  std::error_code error;
  const fs::path file = fs::canonical(local, error);
  if (error) return fail(Code::action, "cannot read {}: {}", local, error.message());
  const bool is_restricted =
      is_below_any(file, always_restricted) || is_below_any(file, datastore.restricted_dirs);
  if (is_restricted && !is_below_any(file, datastore.safe_dirs))
    return fail(Code::action,
                "not allowed to copy image file {}: put it below one of SAFE_DIRS "
                "of datastore {}",
                local, datastore.id);
  if (!fs::is_regular_file(file, error))
    return fail(Code::action, "cannot copy an image from {}: not a regular file", local);
  return file.string();
}

Result<std::string> file_of(const DatastoreFacts& datastore, const std::string& source) {
  const fs::path file = fs::path(source).lexically_normal();
  const fs::path base = datastore.base_path;
  const std::string name = file.filename();
  const bool is_in_base = base.is_absolute() && base.has_filename() && file.parent_path() == base;
  if (is_in_base && !name.empty() && name != "." && name != "..") return file.string();
  return fail(Code::internal, "{} is not a file of datastore {} ({})", source, datastore.id,
              datastore.base_path);
}

Result<std::string> file_beside(const DatastoreFacts& datastore, const std::string& source) {
  const fs::path directory = fs::path(source).lexically_normal().parent_path();
  DatastoreFacts owner = datastore;
  if (parse_number<int>(directory.filename().string()))
    owner.base_path = fs::path(datastore.base_path).parent_path() / directory.filename();
  return file_of(owner, source);
}

}  // namespace nubo::datastore
