// SPDX-License-Identifier: Apache-2.0
#include "model/effect_index.h"

namespace nubo {

IdSet<EffectTag> EffectIndex::of(std::string_view subject, int object) const {
  const auto* const found = ids_.find({object, std::string(subject)});
  return found ? *found : IdSet<EffectTag>{};
}

void EffectIndex::put(const Effect& effect) {
  IdSet<EffectTag> ids = of(effect.subject, effect.object);
  ids.insert(effect.id);
  ids_.put({effect.object, effect.subject}, std::move(ids));
}

void EffectIndex::erase(const Effect& effect) {
  IdSet<EffectTag> ids = of(effect.subject, effect.object);
  ids.erase(effect.id);
  const std::pair key(effect.object, effect.subject);
  ids.empty() ? ids_.erase(key) : ids_.put(key, std::move(ids));
}

}  // namespace nubo
