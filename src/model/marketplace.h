// SPDX-License-Identifier: Apache-2.0
// Marketplace: where appliances are published and fetched from (sheets xml.md §3.4, objects.md
// §8.1).
#pragma once

#include <string>
#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

enum class MarketplaceState { enabled = 0, disabled = 1 };

struct Marketplace : Owned {
  static constexpr ObjectType type = ObjectType::marketplace;
  static constexpr const char* root = "MARKETPLACE";
  static constexpr const char* pool_root = "MARKETPLACE_POOL";
  static constexpr const char* table = "marketplace_pool";

  MarketplaceId id;
  MarketplaceState state = MarketplaceState::enabled;
  std::string market_mad;
  ZoneId zone_id{0};
  long long total_mb = 0;
  long long free_mb = 0;
  long long used_mb = 0;
  IdSet<MarketplaceAppTag> apps;
  Template attributes;

  bool operator==(const Marketplace&) const = default;

  template <class S = Marketplace>
  static constexpr auto fields() {
    return std::tuple_cat(
        owner_fields<S>(),
        std::tuple{Field{"STATE", &S::state}, Field{"MARKET_MAD", &S::market_mad, cdata},
                   Field{"ZONE_ID", &S::zone_id, cdata}, Field{"TOTAL_MB", &S::total_mb},
                   Field{"FREE_MB", &S::free_mb}, Field{"USED_MB", &S::used_mb},
                   Field{"MARKETPLACEAPPS", &S::apps}, Field{"PERMISSIONS", &S::permissions},
                   Field{"TEMPLATE", &S::attributes}});
  }
};

}  // namespace nubo
