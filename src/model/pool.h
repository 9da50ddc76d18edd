// SPDX-License-Identifier: Apache-2.0
// Pool<T>: all objects of a kind by id, immutable to readers. Copying a pool is copying one
// pointer. Below the root it is a tree of arrays of 16; a write clones the four arrays on the way
// to its object, so it costs the same beside many objects as beside few; arrays without objects are
// let go. Each object is kept with its pool document, made once per version, so that a pool answer
// is concatenation.
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
  std::string document;  // in info and in pools
};

/// Fills the document of an entry; kinds whose pool form differs overload this.
template <class T>
void render(Entry<T>& entry) {
  entry.document = to_xml(T::root, entry.object, Form::shown);
  entry.document.shrink_to_fit();
}

/// One whose document is not made yet.
template <class T>
std::shared_ptr<Entry<T>> entry_of(T object) {
  auto entry = std::make_shared<Entry<T>>();
  entry->object = std::move(object);
  return entry;
}

inline constexpr std::size_t pool_width = 16;

template <class T, int level>
struct PoolPart {
  using type = std::array<std::shared_ptr<const typename PoolPart<T, level - 1>::type>, pool_width>;
};

template <class T>
struct PoolPart<T, 0> {
  using type = Entry<T>;
};

template <class T>
class Pool {
 public:
  using IdType = decltype(T::id);
  using EntryPtr = std::shared_ptr<const Entry<T>>;
  using Pointer = std::shared_ptr<const T>;

  std::size_t size() const { return root_->size; }

  bool empty() const { return size() == 0; }

  /// The entry of that id, or nullptr.
  EntryPtr entry(IdType id) const {
    const auto number = static_cast<std::size_t>(id.value);
    if (id.value < 0 || number / span(depth) >= root_->trees.size()) return nullptr;
    return at<depth>(root_->trees[number / span(depth)], number);
  }

  /// The object of that id, or nullptr.
  Pointer find(IdType id) const {
    EntryPtr found = entry(id);
    return found ? Pointer(found, &found->object) : nullptr;
  }

  /// Calls `f(const Entry<T>&)` for each in ascending order of id.
  template <class F>
  void for_each(F&& f) const {
    for (const auto& tree : root_->trees) visit<depth>(tree.get(), f);
  }

  /// Calls `f(const Entry<T>* before, const Entry<T>* now)` for each id whose entry is not the same
  /// in both, nullptr where there is none. What both share is passed over.
  template <class F>
  void for_each_difference(const Pool& before, F&& f) const {
    const std::size_t trees = std::max(root_->trees.size(), before.root_->trees.size());
    for (std::size_t i = 0; i < trees; ++i) compare<depth>(before.tree(i), tree(i), f);
  }

  /// Puts the entry at its object's id, in place of what is there.
  void put(EntryPtr entry) {
    const IdType id = entry->object.id;
    replace(id, std::move(entry));
  }

  void erase(IdType id) {
    if (entry(id)) replace(id, nullptr);
  }

 private:
  static constexpr int depth = 4;

  /// An entry (level 0), or an array of the parts of the level below.
  template <int level>
  using Part = typename PoolPart<T, level>::type;

  template <int level>
  using PartPtr = std::shared_ptr<const Part<level>>;

  /// How many ids a part has.
  static constexpr std::size_t span(int level) { return level == 0 ? 1 : pool_width * span(level - 1); }

  struct Root {
    std::vector<PartPtr<depth>> trees;
    std::size_t size = 0;
  };

  /// Place of an id's part of the level below.
  template <int level>
  static std::size_t place(std::size_t number) {
    return number / span(level - 1) % pool_width;
  }

  template <int level>
  static EntryPtr at(const PartPtr<level>& part, std::size_t number) {
    if constexpr (level == 0) {
      return part;
    } else {
      return part ? at<level - 1>((*part)[place<level>(number)], number) : nullptr;
    }
  }

  template <int level, class F>
  static void visit(const Part<level>* part, F& f) {
    if (!part) return;
    if constexpr (level == 0) {
      f(*part);
    } else {
      for (const auto& below : *part) visit<level - 1>(below.get(), f);
    }
  }

  template <int level, class F>
  static void compare(const Part<level>* before, const Part<level>* now, F& f) {
    if (before == now) return;
    if constexpr (level == 0) {
      f(before, now);
    } else {
      for (std::size_t i = 0; i < pool_width; ++i) {
        compare<level - 1>(before ? (*before)[i].get() : nullptr, now ? (*now)[i].get() : nullptr,
                           f);
      }
    }
  }

  /// The part with another entry; nullptr when it holds nothing then.
  template <int level>
  static PartPtr<level> with(const PartPtr<level>& part, std::size_t number, EntryPtr entry) {
    if constexpr (level == 0) {
      return entry;
    } else {
      auto changed = part ? std::make_shared<Part<level>>(*part) : std::make_shared<Part<level>>();
      auto& below = (*changed)[place<level>(number)];
      below = with<level - 1>(below, number, std::move(entry));
      const auto holds = [](const auto& each) { return each != nullptr; };
      if (!below && std::ranges::none_of(*changed, holds)) return nullptr;
      return changed;
    }
  }

  const Part<depth>* tree(std::size_t place) const {
    return place < root_->trees.size() ? root_->trees[place].get() : nullptr;
  }

  void replace(IdType id, EntryPtr entry) {
    const auto number = static_cast<std::size_t>(id.value);
    const std::size_t place = number / span(depth);
    auto root = std::make_shared<Root>(*root_);
    if (place >= root->trees.size()) root->trees.resize(place + 1);
    root->size += entry ? 1 : 0;
    root->size -= this->entry(id) ? 1 : 0;
    root->trees[place] = with<depth>(root->trees[place], number, std::move(entry));
    root_ = std::move(root);
  }

  std::shared_ptr<const Root> root_ = std::make_shared<Root>();
};

}  // namespace nubo
