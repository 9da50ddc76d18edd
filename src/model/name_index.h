// SPDX-License-Identifier: Apache-2.0
// NameIndex: id by (kind, scope, name), where the scope is the owner for kinds whose names are
// unique per owner and -1 for those unique in the zone (sheet objects.md §0.3).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"
#include "model/shared_map.h"

namespace nubo {

class NameIndex {
 public:
  std::optional<int> find(ObjectType type, int scope, std::string_view name) const;
  void put(ObjectType type, int scope, std::string_view name, int id);
  void erase(ObjectType type, int scope, std::string_view name);

 private:
  using Key = std::tuple<ObjectType, int, std::string>;

  struct Hash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string>{}(std::get<std::string>(key));
    }
  };

  SharedMap<Key, int, Hash> ids_;
};

/// Whether names of a kind are compared at all, and within which scope.
template <class T>
std::optional<int> name_scope(const T& object) {
  using enum ObjectType;
  if constexpr (T::type == vm || T::type == acl || T::type == scheduled_action ||
                T::type == virtual_router || T::type == document) {
    return {};
  } else if constexpr (T::type == user || T::type == group || T::type == host ||
                       T::type == cluster || T::type == datastore || T::type == vdc ||
                       T::type == zone || T::type == hook || T::type == marketplace) {
    return -1;
  } else {
    return object.uid.value;
  }
}

}  // namespace nubo
