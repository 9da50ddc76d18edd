// SPDX-License-Identifier: Apache-2.0
#include "base/lists.h"

#include <algorithm>

#include "base/numbers.h"

namespace nubo {

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> words;
  while (!list.empty()) {
    words.push_back(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(list.size(), words.back().size() + 1));
  }
  return words;
}

std::set<int> parse_ids(std::string_view list) {
  std::set<int> ids;
  for (const std::string_view word : split(list)) {
    if (const auto id = parse_number<int>(word)) ids.insert(*id);
  }
  return ids;
}

}  // namespace nubo
