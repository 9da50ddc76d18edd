// SPDX-License-Identifier: Apache-2.0
#include "model/name_index.h"

namespace nubo {

std::optional<int> NameIndex::find(ObjectType type, int scope, std::string_view name) const {
  const int* const found = ids_.find({type, scope, std::string(name)});
  return found ? std::optional(*found) : std::nullopt;
}

void NameIndex::put(ObjectType type, int scope, std::string_view name, int id) {
  ids_.put({type, scope, std::string(name)}, id);
}

void NameIndex::erase(ObjectType type, int scope, std::string_view name) {
  ids_.erase({type, scope, std::string(name)});
}

}  // namespace nubo
