// SPDX-License-Identifier: Apache-2.0
// ACL rule (sheet objects.md §6.5): who, on which objects, may do what, in which zone. The three
// components are the API's 64-bit encodings: selector bit | type bits | id.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "model/object_type.h"
#include "text/fields.h"

namespace nubo {

inline constexpr std::uint64_t acl_individual = 0x100000000;
inline constexpr std::uint64_t acl_group = 0x200000000;
inline constexpr std::uint64_t acl_all = 0x400000000;
inline constexpr std::uint64_t acl_cluster = 0x800000000;
inline constexpr std::uint64_t acl_id_mask = 0xFFFFFFFF;

struct AclRule {
  static constexpr ObjectType type = ObjectType::acl;
  static constexpr const char* root = "ACL";
  static constexpr const char* pool_root = "ACL_POOL";
  static constexpr const char* table = "acl";

  AclId id;
  std::uint64_t user = 0;
  std::uint64_t resource = 0;
  std::uint64_t rights = 0;
  std::uint64_t zone = 0;

  bool operator==(const AclRule&) const = default;

  template <class S = AclRule>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id}, Field{"USER", &S::user}, Field{"RESOURCE", &S::resource},
                      Field{"RIGHTS", &S::rights}, Field{"ZONE", &S::zone}};
  }

  /// `@1 VM+IMAGE/* CREATE *`
  std::string to_string() const;
};

}  // namespace nubo
