// SPDX-License-Identifier: Apache-2.0
// Network template: a stored description of networks (sheets xml.md §3.4, objects.md §5.3).
#pragma once

#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

struct NetworkTemplate : Owned {
  static constexpr ObjectType type = ObjectType::network_template;
  static constexpr const char* root = "VNTEMPLATE";
  static constexpr const char* pool_root = "VNTEMPLATE_POOL";
  static constexpr const char* table = "vn_template_pool";

  NetworkTemplateId id;
  EpochSeconds registration_time{};
  Template attributes;

  bool operator==(const NetworkTemplate&) const = default;

  static constexpr auto fields() {
    using N = NetworkTemplate;
    return std::tuple_cat(
        owner_fields<N>(), lock_and_permission_fields<N>(),
        std::tuple{Field{"REGTIME", &N::registration_time}, Field{"TEMPLATE", &N::attributes}});
  }
};

}  // namespace nubo
