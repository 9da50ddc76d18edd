// SPDX-License-Identifier: Apache-2.0
// Pool<T>: all objects of a kind by id, immutable to readers. Copying a pool is copying one
// pointer; a write clones the chunk of 64 that it touches, the block of 128 chunks above it and the
// directory of blocks, so it costs the same beside many objects as beside few; chunks and blocks
// without objects are let go. Each object is kept with its pool documents, made once per version,
// so that a pool answer is concatenation.
#pragma once

#include <algorithm>
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
  entry.document.shrink_to_fit();
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
    const Place place(id);
    if (id.value < 0 || place.block >= directory_->blocks.size()) return nullptr;
    const auto& block = directory_->blocks[place.block];
    if (!block || !(*block)[place.chunk]) return nullptr;
    return (*(*block)[place.chunk])[place.entry];
  }

  /// The object of that id, or nullptr.
  Pointer find(IdType id) const {
    EntryPtr found = entry(id);
    return found ? Pointer(found, &found->object) : nullptr;
  }

  /// Calls `f(const Entry<T>&)` for each in ascending order of id.
  template <class F>
  void for_each(F&& f) const {
    for (const auto& block : directory_->blocks) {
      if (!block) continue;
      for (const auto& chunk : *block) {
        if (!chunk) continue;
        for (const EntryPtr& each : *chunk) {
          if (each) f(*each);
        }
      }
    }
  }

  /// Calls `f(const Entry<T>* before, const Entry<T>* now)` for each id whose entry is not the same
  /// in both, nullptr where there is none. What both share is passed over.
  template <class F>
  void for_each_difference(const Pool& before, F&& f) const {
    const std::size_t blocks = std::max(directory_->blocks.size(), before.directory_->blocks.size());
    for (std::size_t block = 0; block < blocks; ++block) {
      for_each_unequal<Block>(before.block(block), this->block(block),
                              [&f](const Chunk* old_chunk, const Chunk* chunk) {
        for_each_unequal<Chunk>(old_chunk, chunk, f);
      });
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
  static constexpr std::size_t block_size = 128;
  using Chunk = std::array<EntryPtr, chunk_size>;
  using Block = std::array<std::shared_ptr<const Chunk>, block_size>;

  struct Directory {
    std::vector<std::shared_ptr<const Block>> blocks;
    std::size_t size = 0;
  };

  struct Place {
    explicit Place(IdType id) {
      const auto number = static_cast<std::size_t>(id.value);
      entry = number % chunk_size;
      chunk = number / chunk_size % block_size;
      block = number / chunk_size / block_size;
    }

    std::size_t block, chunk, entry;
  };

  const Block* block(std::size_t place) const {
    return place < directory_->blocks.size() ? directory_->blocks[place].get() : nullptr;
  }

  /// Calls `f` with the elements of two arrays that differ; an array that is nullptr has none.
  template <class Part, class F>
  static void for_each_unequal(const Part* before, const Part* now, F&& f) {
    if (before == now) return;
    for (std::size_t place = 0; place < std::tuple_size_v<Part>; ++place) {
      const auto* const old_element = before ? (*before)[place].get() : nullptr;
      const auto* const element = now ? (*now)[place].get() : nullptr;
      if (old_element != element) f(old_element, element);
    }
  }

  template <class Part>
  static std::shared_ptr<Part> clone(const std::shared_ptr<const Part>& part) {
    return part ? std::make_shared<Part>(*part) : std::make_shared<Part>();
  }

  /// nullptr for one that holds nothing any more, so that ids which are gone cost nothing.
  template <class Part>
  static std::shared_ptr<const Part> unless_empty(std::shared_ptr<Part> part) {
    const bool is_empty = std::ranges::none_of(*part, [](const auto& each) { return bool(each); });
    return is_empty ? nullptr : std::move(part);
  }

  void slot(IdType id, EntryPtr entry) {
    const bool is_taken_out = !entry;
    if (is_taken_out && !this->entry(id)) return;
    const Place place(id);
    auto directory = clone(directory_);
    if (place.block >= directory->blocks.size()) directory->blocks.resize(place.block + 1);
    auto block = clone(directory->blocks[place.block]);
    auto chunk = clone((*block)[place.chunk]);
    EntryPtr& target = (*chunk)[place.entry];
    directory->size += (is_taken_out ? 0 : 1);
    directory->size -= (target ? 1 : 0);
    target = std::move(entry);
    (*block)[place.chunk] = is_taken_out ? unless_empty(std::move(chunk)) : std::move(chunk);
    directory->blocks[place.block] =
        is_taken_out ? unless_empty(std::move(block)) : std::move(block);
    directory_ = std::move(directory);
  }

  std::shared_ptr<const Directory> directory_ = std::make_shared<Directory>();
};

}  // namespace nubo
