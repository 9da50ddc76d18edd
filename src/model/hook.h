// SPDX-License-Identifier: Apache-2.0
// Hook: a program that is to run when a call is made or an object reaches a state (sheets xml.md
// §3.4, objects.md §5.6). Belongs to the administrators; has a lock but no owner.
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

struct Hook {
  static constexpr ObjectType type = ObjectType::hook;
  static constexpr const char* root = "HOOK";
  static constexpr const char* pool_root = "HOOK_POOL";
  static constexpr const char* table = "hook_pool";

  HookId id;
  std::string name;
  std::string kind;  // "api" or "state"; TYPE on the wire
  std::optional<Lock> lock;
  Template attributes;

  bool operator==(const Hook&) const = default;

  template <class S = Hook>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id}, Field{"NAME", &S::name}, Field{"TYPE", &S::kind},
                      Field{"LOCK", &S::lock}, Field{"TEMPLATE", &S::attributes}};
  }
};

}  // namespace nubo
