// SPDX-License-Identifier: Apache-2.0
#include "model/name_index.h"

#include <functional>

namespace nubo {
namespace {

constexpr std::size_t bucket_count = 256;

}  // namespace

std::size_t NameIndex::bucket_of(const Key& key) {
  return std::hash<std::string>{}(std::get<std::string>(key)) % bucket_count;
}

template <class F>
void NameIndex::change(const Key& key, F&& edit) {
  auto buckets = buckets_ ? std::make_shared<Buckets>(*buckets_)
                          : std::make_shared<Buckets>(bucket_count);
  auto& place = (*buckets)[bucket_of(key)];
  auto bucket = place ? std::make_shared<Bucket>(*place) : std::make_shared<Bucket>();
  edit(*bucket);
  place = std::move(bucket);
  buckets_ = std::move(buckets);
}

std::optional<int> NameIndex::find(ObjectType type, int scope, std::string_view name) const {
  if (!buckets_) return {};
  const Key key{type, scope, std::string(name)};
  const auto& bucket = (*buckets_)[bucket_of(key)];
  if (!bucket) return {};
  const auto found = bucket->find(key);
  return found == bucket->end() ? std::nullopt : std::optional(found->second);
}

void NameIndex::put(ObjectType type, int scope, std::string_view name, int id) {
  const Key key{type, scope, std::string(name)};
  change(key, [&](Bucket& bucket) { bucket[key] = id; });
}

void NameIndex::erase(ObjectType type, int scope, std::string_view name) {
  const Key key{type, scope, std::string(name)};
  change(key, [&](Bucket& bucket) { bucket.erase(key); });
}

}  // namespace nubo
