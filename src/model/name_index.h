// SPDX-License-Identifier: Apache-2.0
// NameIndex: id by (kind, scope, name), where the scope is the owner for kinds whose names are
// unique per owner and -1 for those unique in the zone (sheet objects.md §0.3). Copying it copies
// one pointer; a change clones one of its buckets.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

class NameIndex {
 public:
  std::optional<int> find(ObjectType type, int scope, std::string_view name) const;
  void put(ObjectType type, int scope, std::string_view name, int id);
  void erase(ObjectType type, int scope, std::string_view name);

 private:
  using Key = std::tuple<ObjectType, int, std::string>;
  using Bucket = std::map<Key, int>;
  using Buckets = std::vector<std::shared_ptr<const Bucket>>;

  static std::size_t bucket_of(const Key& key);
  template <class F>
  void change(const Key& key, F&& edit);

  std::shared_ptr<const Buckets> buckets_;
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
