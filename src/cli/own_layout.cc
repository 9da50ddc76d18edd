// SPDX-License-Identifier: Apache-2.0
// The user's own list layout, $HOME/.one/cli/<tool>.yaml, in the form of the tools it comes from:
// `:COLUMN:` with `:size:`, `:left:` …, `:default:` and `:default_conf:`.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "cli/listing.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

std::string plain(const YAML::Node& key) {
  std::string name = key.as<std::string>();
  if (name.starts_with(':')) name.erase(0, 1);
  if (name.ends_with(':')) name.pop_back();
  return name;
}

std::string names_of(const YAML::Node& sequence) {
  std::vector<std::string> names;
  for (const YAML::Node& name : sequence) names.push_back(plain(name));
  return join(names, ",");
}

void set_flag(ActiveColumn& column, const YAML::Node& value, unsigned flag) {
  column.flags = value.as<bool>(false) ? column.flags | flag : column.flags & ~flag;
}

void read_column(ActiveColumn& column, const YAML::Node& settings) {
  column.flags = right;
  for (const auto& setting : settings) {
    const std::string key = plain(setting.first);
    if (key == "desc") column.description = setting.second.as<std::string>("");
    if (key == "size") column.width = setting.second.as<int>(column.width);
    if (key == "left") set_flag(column, setting.second, left);
    if (key == "adjust") set_flag(column, setting.second, adjust);
    if (key == "expand") set_flag(column, setting.second, expand);
  }
}

}  // namespace

Status Listing::read_own_layout() {
  const std::string home = run_.shell.variable("HOME");
  const std::string path = fmt::format("{}/.one/cli/{}.yaml", home, run_.tool.name);
  if (home.empty() || !run_.shell.is_file(path)) return ok();
  NUBO_TRY(const std::string text, run_.shell.read_file(path));
  try {
    for (const auto& entry : YAML::Load(text)) {
      const std::string name = plain(entry.first);
      if (name == "default") {
        configurations_["default"] = names_of(entry.second);
      } else if (name == "default_conf") {
        for (const auto& one : entry.second)
          configurations_[plain(one.first)] = names_of(one.second);
      } else if (const ActiveColumn* column = known(name); column && entry.second.IsMap()) {
        read_column(all_[static_cast<std::size_t>(column - all_.data())], entry.second);
      }
    }
  } catch (const YAML::Exception& error) {
    return fail(Code::internal, "{}: {}", path, error.what());
  }
  return ok();
}

}  // namespace nubo::cli
