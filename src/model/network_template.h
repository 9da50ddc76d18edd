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

  template <class S = NetworkTemplate>
  static constexpr auto fields() {
    return std::tuple_cat(
        owner_fields<S>(), lock_and_permission_fields<S>(),
        std::tuple{Field{"REGTIME", &S::registration_time}, Field{"TEMPLATE", &S::attributes}});
  }
};

}  // namespace nubo
