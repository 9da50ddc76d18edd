// SPDX-License-Identifier: Apache-2.0
// Zone (sheet objects.md §7.2). A standalone front-end has zone 0 alone.
#pragma once

#include <string>
#include <tuple>

#include "model/object_type.h"
#include "text/fields.h"

namespace nubo {

struct Zone {
  static constexpr ObjectType type = ObjectType::zone;
  static constexpr const char* root = "ZONE";
  static constexpr const char* pool_root = "ZONE_POOL";
  static constexpr const char* table = "zone_pool";

  ZoneId id;
  std::string name;
  int state = 0;
  Template attributes;
  Template servers;

  bool operator==(const Zone&) const = default;

  template <class S = Zone>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id}, Field{"NAME", &S::name}, Field{"STATE", &S::state},
                      Field{"TEMPLATE", &S::attributes}, Field{"SERVER_POOL", &S::servers}};
  }
};

}  // namespace nubo
