// SPDX-License-Identifier: Apache-2.0
#include "text/number_ranges.h"

#include <algorithm>

#include "base/numbers.h"
#include "text/trim.h"

namespace nubo {

std::optional<NumberRanges> NumberRanges::parse(std::string_view list) {
  NumberRanges all;
  list = trimmed(list);
  while (!list.empty()) {
    const std::string_view each = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), each.size() + 1));
    const std::size_t colon = each.find(':');
    const auto first = parse_number<int>(trimmed(each.substr(0, colon)));
    const auto last =
        colon == each.npos ? first : parse_number<int>(trimmed(each.substr(colon + 1)));
    if (!first || !last) return {};
    all.ranges_.emplace_back(*first, *last);
  }
  return all;
}

bool NumberRanges::contains(int number) const {
  return std::ranges::any_of(ranges_, [number](const std::pair<int, int>& range) {
    return range.first <= number && number <= range.second;
  });
}

}  // namespace nubo
