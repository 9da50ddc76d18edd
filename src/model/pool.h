// SPDX-License-Identifier: Apache-2.0
// Pool<T>: all objects of a kind by id, immutable to readers. Copying a pool is copying one
// pointer; a write clones the directory once and the chunk of 64 that it touches. Each object is
// kept with its pool documents, made once per version, so that a pool answer is concatenation.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "text/fields.h"

namespace nubo {

/// One version of an object with the documents that pool calls show of it.
template <class T>
struct Entry {
  T object;
  std::string document;        // in info pools
  std::string brief_document;  // in short listings; "" where a kind has none
};

/// Fills the documents of an entry; kinds whose pool form differs overload this.
template <class T>
void render(Entry<T>& entry) {
  entry.document = to_xml(T::root, entry.object, Form::shown);
}

template <class T>
class Pool {
 public:
  using IdType = decltype(T::id);
  using EntryPtr = std::shared_ptr<const Entry<T>>;
  using Pointer = std::shared_ptr<const T>;

  std::size_t size() const { return directory_->size; }

  bool empty() const { return size() == 0; }

  /// The entry of that id, or nullptr.
  EntryPtr entry(IdType id) const {
    const auto place = static_cast<std::size_t>(id.value);
    if (id.value < 0 || place / chunk_size >= directory_->chunks.size()) return nullptr;
    const auto& chunk = directory_->chunks[place / chunk_size];
    return chunk ? (*chunk)[place % chunk_size] : nullptr;
  }

  /// The object of that id, or nullptr.
  Pointer find(IdType id) const {
    EntryPtr found = entry(id);
    return found ? Pointer(found, &found->object) : nullptr;
  }

  /// Calls `f(const Entry<T>&)` for each in ascending order of id.
  template <class F>
  void for_each(F&& f) const {
    for (const auto& chunk : directory_->chunks) {
      if (!chunk) continue;
      for (const EntryPtr& each : *chunk) {
        if (each) f(*each);
      }
    }
  }

  /// Puts the entry at its object's id, in place of what is there.
  void put(EntryPtr entry) {
    const IdType id = entry->object.id;
    slot(id, std::move(entry));
  }

  void erase(IdType id) { slot(id, nullptr); }

 private:
  static constexpr std::size_t chunk_size = 64;
  using Chunk = std::array<EntryPtr, chunk_size>;

  struct Directory {
    std::vector<std::shared_ptr<const Chunk>> chunks;
    std::size_t size = 0;
  };

  void slot(IdType id, EntryPtr entry) {
    const auto place = static_cast<std::size_t>(id.value);
    auto directory = std::make_shared<Directory>(*directory_);
    if (place / chunk_size >= directory->chunks.size()) {
      if (!entry) return;
      directory->chunks.resize(place / chunk_size + 1);
    }
    auto& chunk = directory->chunks[place / chunk_size];
    auto changed = chunk ? std::make_shared<Chunk>(*chunk) : std::make_shared<Chunk>();
    EntryPtr& target = (*changed)[place % chunk_size];
    directory->size += (entry ? 1 : 0);
    directory->size -= (target ? 1 : 0);
    target = std::move(entry);
    chunk = std::move(changed);
    directory_ = std::move(directory);
  }

  std::shared_ptr<const Directory> directory_ = std::make_shared<Directory>();
};

}  // namespace nubo
