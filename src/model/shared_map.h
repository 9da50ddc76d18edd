// SPDX-License-Identifier: Apache-2.0
// SharedMap: a map that is copied by copying one pointer; a change clones one of its buckets. Copies
// may be read on any thread.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <utility>

namespace nubo {

template <class Key, class Value, class Hash>
class SharedMap {
 public:
  /// The value of that key, or nullptr.
  const Value* find(const Key& key) const {
    if (!buckets_) return nullptr;
    const auto& bucket = (*buckets_)[place_of(key)];
    if (!bucket) return nullptr;
    const auto found = bucket->find(key);
    return found == bucket->end() ? nullptr : &found->second;
  }

  void put(const Key& key, Value value) {
    change(key, [&](Bucket& bucket) { bucket.insert_or_assign(key, std::move(value)); });
  }

  void erase(const Key& key) {
    if (find(key)) change(key, [&](Bucket& bucket) { bucket.erase(key); });
  }

 private:
  static constexpr std::size_t bucket_count = 256;
  using Bucket = std::map<Key, Value>;
  using Buckets = std::array<std::shared_ptr<const Bucket>, bucket_count>;

  static std::size_t place_of(const Key& key) { return Hash{}(key) % bucket_count; }

  template <class F>
  void change(const Key& key, F&& edit) {
    auto buckets = buckets_ ? std::make_shared<Buckets>(*buckets_) : std::make_shared<Buckets>();
    auto& place = (*buckets)[place_of(key)];
    auto bucket = place ? std::make_shared<Bucket>(*place) : std::make_shared<Bucket>();
    edit(*bucket);
    place = std::move(bucket);
    buckets_ = std::move(buckets);
  }

  std::shared_ptr<const Buckets> buckets_;  // null: empty
};

}  // namespace nubo
