// SPDX-License-Identifier: Apache-2.0
// Effect: work of a driver that a change asked for, stored in the same transaction and taken out
// when its outcome was applied. The effects that a restart finds are what was in flight.
#pragma once

#include <string>
#include <tuple>

#include "model/object_type.h"
#include "text/fields.h"

namespace nubo {

using EffectId = Id<struct EffectTag>;

struct Effect {
  static constexpr ObjectType type = ObjectType::scheduled_action;
  static constexpr const char* root = "EFFECT";
  static constexpr const char* pool_root = "EFFECT_POOL";
  static constexpr const char* table = "effect";

  EffectId id;
  std::string subject;  // "vm", "image", "host", "datastore", "network"
  int object = -1;
  std::string operation;  // "tm.prolog", "vmm.deploy", "ds.cp" … (vm-lifecycle.md §2.6-2.7)
  EpochSeconds since{};
  Template arguments;  // what the object itself does not say

  bool operator==(const Effect&) const = default;

  template <class S = Effect>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id},         Field{"SUBJECT", &S::subject},
                      Field{"OBJECT", &S::object}, Field{"OPERATION", &S::operation},
                      Field{"SINCE", &S::since},   Field{"ARGUMENTS", &S::arguments}};
  }
};

}  // namespace nubo
