// SPDX-License-Identifier: Apache-2.0
// EffectIndex: the effects of an object, so that a VM is asked what is under way for it without a
// look at what is under way for all others.
#pragma once

#include <string_view>
#include <utility>

#include "model/effect.h"
#include "model/shared_map.h"

namespace nubo {

class EffectIndex {
 public:
  /// Their ids, in order.
  IdSet<EffectTag> of(std::string_view subject, int object) const;
  void put(const Effect& effect);
  void erase(const Effect& effect);

 private:
  using Key = std::pair<int, std::string>;  // object, subject

  struct Hash {
    std::size_t operator()(const Key& key) const { return static_cast<std::size_t>(key.first); }
  };

  SharedMap<Key, IdSet<EffectTag>, Hash> ids_;
};

}  // namespace nubo
