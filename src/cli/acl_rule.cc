// SPDX-License-Identifier: Apache-2.0
#include "cli/acl_rule.h"

#include <fmt/format.h>

#include <vector>

#include "cli/run.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr unsigned long long individual = 0x100000000;
constexpr unsigned long long group = 0x200000000;
constexpr unsigned long long all = 0x400000000;
constexpr unsigned long long cluster = 0x800000000;

unsigned long long selector(std::string_view text) {
  if (text == "*") return all;
  if (text.empty()) return 0;
  const auto id = static_cast<unsigned long long>(leading_int(text.substr(1)));
  switch (text.front()) {
    case '#':
      return individual | id;
    case '@':
      return group | id;
    case '%':
      return cluster | id;
    default:
      return 0;
  }
}

template <class Table>
Result<unsigned long long> bits_of(const Table& table, const std::string& names, const char* what) {
  unsigned long long bits = 0;
  for (const std::string& given : split(names, '+')) {
    const std::string name = upper(given);
    bool known = false;
    for (const auto& entry : table) {
      if (name == entry.name) {
        bits |= entry.bit;
        known = true;
      }
    }
    if (!known) return fail(Code::api, "{} '{}' does not exist", what, name);
  }
  return bits;
}

}  // namespace

Result<AclRule> parse_acl_rule(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string& part : split(text, ' ')) {
    if (!part.empty()) parts.push_back(part);
  }
  if (parts.size() < 3)
    return fail(Code::api, "String needs three components: User, Resource, Rights");
  const std::size_t slash = std::min(parts[1].find('/'), parts[1].size());
  NUBO_TRY(const unsigned long long types,
           bits_of(acl_types, parts[1].substr(0, slash), "Resource"));
  NUBO_TRY(const unsigned long long rights, bits_of(acl_rights, parts[2], "Right"));
  const std::string_view chosen =
      std::string_view(parts[1]).substr(std::min(slash + 1, parts[1].size()));
  return AclRule{fmt::format("{:x}", selector(parts[0])),
                 fmt::format("{:x}", types | selector(chosen)), fmt::format("{:x}", rights),
                 parts.size() > 3 ? fmt::format("{:x}", selector(parts[3])) : ""};
}

}  // namespace nubo::cli
