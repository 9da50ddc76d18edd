// SPDX-License-Identifier: Apache-2.0
#include "ssh/disk_space.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <vector>

#include "base/numbers.h"
#include "ssh/quote.h"

namespace nubo::ssh {

std::string choose_bridge(std::string_view bridge_list, int id) {
  std::string unquoted(bridge_list);
  std::erase(unquoted, '"');
  std::istringstream in(unquoted);
  std::vector<std::string> nodes;
  for (std::string node; in >> node;) nodes.push_back(std::move(node));
  return nodes.empty() ? "" : nodes[static_cast<std::size_t>(std::max(id, 0)) % nodes.size()];
}

Result<driver::Values> disk_space(Nodes& nodes, const Place& directory,
                                  const driver::Context& context) {
  const std::string script = fmt::format(
      "set -e; mkdir -p -- {0}\n"
      "df -B1M --output=size,used,avail -- {0} | "
      "awk 'NR == 2 {{ print \"TOTAL_MB=\" $1, \"USED_MB=\" $2, \"FREE_MB=\" $3 }}'",
      quote(directory.path));
  NUBO_TRY(const std::string said, nodes.output(directory.node, {.script = script}, context));
  return parse_disk_space(said);
}

Result<driver::Values> parse_disk_space(const std::string& text) {
  constexpr std::array<std::pair<const char*, const char*>, 3> names{
      {{"TOTAL_MB=", "total_mb"}, {"USED_MB=", "used_mb"}, {"FREE_MB=", "free_mb"}}};
  driver::Values values;
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    std::erase(word, '"');
    for (const auto& [prefix, name] : names)
      if (word.starts_with(prefix) && parse_number<long>(word.substr(word.find('=') + 1)))
        values[name] = word.substr(word.find('=') + 1);
  }
  if (values.size() != names.size())
    return fail(Code::internal, "no sizes in what a monitor says: {}", text.substr(0, 200));
  return values;
}

}  // namespace nubo::ssh
