// SPDX-License-Identifier: Apache-2.0
#include "model/effect_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nubo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Effect effect(int id, const std::string& subject, int object) {
  Effect made;
  made.id = EffectId{id};
  made.subject = subject;
  made.object = object;
  return made;
}

TEST(EffectIndex, TellsTheEffectsOfAnObject) {
  EffectIndex index;
  index.put(effect(3, "vm", 1));
  index.put(effect(2, "vm", 1));
  index.put(effect(4, "image", 1));
  index.put(effect(5, "vm", 257));
  const EffectIndex before = index;
  index.erase(effect(2, "vm", 1));
  index.erase(effect(4, "image", 1));
  EXPECT_THAT(index.of("vm", 1), ElementsAre(EffectId{3}));
  EXPECT_THAT(index.of("image", 1), IsEmpty());
  EXPECT_THAT(index.of("vm", 257), ElementsAre(EffectId{5}));
  EXPECT_THAT(before.of("vm", 1), ElementsAre(EffectId{2}, EffectId{3}));
}

}  // namespace
}  // namespace nubo
