// SPDX-License-Identifier: Apache-2.0
#include "model/acl.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace nubo {
namespace {

// The order in which a rule's text names the types (objects.md §6.5).
constexpr std::array text_order{ObjectType::vm,          ObjectType::host,
                                ObjectType::network,     ObjectType::image,
                                ObjectType::user,        ObjectType::vm_template,
                                ObjectType::group,       ObjectType::datastore,
                                ObjectType::cluster,     ObjectType::document,
                                ObjectType::zone,        ObjectType::security_group,
                                ObjectType::vdc,         ObjectType::virtual_router,
                                ObjectType::marketplace, ObjectType::marketplace_app,
                                ObjectType::vm_group,    ObjectType::network_template,
                                ObjectType::backup_job};

constexpr std::array<std::pair<std::uint64_t, const char*>, 4> right_words{
    {{1, "USE"}, {2, "MANAGE"}, {4, "ADMIN"}, {8, "CREATE"}}};

// "??" where no selector is given, which no stored rule has.
std::string selector(std::uint64_t component) {
  const auto id = static_cast<std::int32_t>(component & acl_id_mask);
  if (component & acl_group) return fmt::format("@{}", id);
  if (component & acl_individual) return fmt::format("#{}", id);
  if (component & acl_cluster) return fmt::format("%{}", id);
  return component & acl_all ? "*" : "??";
}

void append_word(std::string& words, std::string_view word) {
  if (!words.empty()) words.push_back('+');
  words.append(word);
}

}  // namespace

std::string AclRule::to_string() const {
  std::string types;
  for (const ObjectType each : text_order) {
    if (resource & static_cast<std::uint64_t>(each)) append_word(types, names_of(each).acl);
  }
  std::string words;
  for (const auto& [bit, word] : right_words) {
    if (rights & bit) append_word(words, word);
  }
  return fmt::format("{} {}/{} {} {}", selector(user), types, selector(resource), words,
                     selector(zone));
}

}  // namespace nubo
