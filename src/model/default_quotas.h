// SPDX-License-Identifier: Apache-2.0
// The limits of all users and of all groups that have none of their own (sheet objects.md §6.7).
// Two rows, which belong to no API object: nobody is told of their changes.
#pragma once

#include <tuple>

#include "model/object_type.h"
#include "model/quotas.h"

namespace nubo {

using DefaultQuotasId = Id<struct DefaultQuotasTag>;

struct DefaultQuotas {
  static constexpr ObjectType type = ObjectType::user;
  static constexpr bool is_internal = true;
  static constexpr const char* root = "DEFAULT_QUOTAS";
  static constexpr const char* pool_root = "DEFAULT_QUOTAS_POOL";
  static constexpr const char* table = "default_quotas";
  static constexpr DefaultQuotasId of_users{0};
  static constexpr DefaultQuotasId of_groups{1};

  DefaultQuotasId id;
  Quotas quotas;

  bool operator==(const DefaultQuotas&) const = default;

  template <class S = DefaultQuotas>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id}, Field{"QUOTAS", &S::quotas}};
  }
};

}  // namespace nubo
