// SPDX-License-Identifier: Apache-2.0
// VM template: a stored description of VMs (sheets xml.md §3.4, objects.md §5.2).
#pragma once

#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

struct VmTemplate : Owned {
  static constexpr ObjectType type = ObjectType::vm_template;
  static constexpr const char* root = "VMTEMPLATE";
  static constexpr const char* pool_root = "VMTEMPLATE_POOL";
  static constexpr const char* table = "template_pool";

  TemplateId id;
  EpochSeconds registration_time{};
  Template attributes;

  bool operator==(const VmTemplate&) const = default;

  template <class S = VmTemplate>
  static constexpr auto fields() {
    return std::tuple_cat(
        owner_fields<S>(), lock_and_permission_fields<S>(),
        std::tuple{Field{"REGTIME", &S::registration_time}, Field{"TEMPLATE", &S::attributes}});
  }
};

}  // namespace nubo
