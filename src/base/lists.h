// SPDX-License-Identifier: Apache-2.0
// Comma-separated lists, as template attributes hold them: "0,101", "1024,2048".
#pragma once

#include <set>
#include <string_view>
#include <vector>

namespace nubo {

/// The words of a list in their order, as they stand between the commas; none of an empty text.
/// They live as long as the text does.
std::vector<std::string_view> split(std::string_view list);

/// The whole numbers among the words of a list.
std::set<int> parse_ids(std::string_view list);

}  // namespace nubo
