// SPDX-License-Identifier: Apache-2.0
// Draft: the mutable view that one change works on. It starts as a copy of a snapshot (a few
// pointers); what the change edits is cloned on first use. Nobody sees it until the writer has
// stored it, and a failed change drops it whole. Lives on the writer's thread. What it does to each
// kind of object is compiled once, in draft.cc.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/charges.h"
#include "model/snapshot.h"

namespace nubo {

/// Place of a kind in ObjectKinds.
template <class T, class Tuple = ObjectKinds>
struct KindIndex;

template <class T, class... Rest>
struct KindIndex<T, std::tuple<T, Rest...>> {
  static constexpr std::size_t value = 0;
};

template <class T, class First, class... Rest>
struct KindIndex<T, std::tuple<First, Rest...>> {
  static constexpr std::size_t value = 1 + KindIndex<T, std::tuple<Rest...>>::value;
};

inline constexpr std::size_t kind_count = std::tuple_size_v<ObjectKinds>;

/// The last id given out, by kind; -1 before the first.
using Counters = std::array<int, kind_count>;

inline constexpr Counters no_ids_given = [] {
  Counters none{};
  none.fill(-1);
  return none;
}();

struct NameKey {
  int scope;
  std::string name;

  bool operator==(const NameKey&) const = default;
};

/// What a change did to one object.
template <class T>
struct Touched {
  std::shared_ptr<Entry<T>> entry;         // nullptr: erased
  std::shared_ptr<const Entry<T>> before;  // nullptr: new
  std::optional<NameKey> indexed;          // under which the index knows it
};

/// Whether quotas can refuse what they are charged with. What has happened already, or is about to
/// be given back, is charged in any case.
enum class QuotaTest { limits, nothing };

/// Users first, then groups.
struct QuotaAccount {
  ObjectType type;
  int id;

  auto operator<=>(const QuotaAccount&) const = default;
};

using QuotaDifferences = std::map<QuotaAccount, std::map<QuotaKey, Amount>>;

class Archive;

class Draft {
 public:
  /// `metrics` outlives it.
  Draft(Snapshot start, const Counters& counters, EpochSeconds now,
        const QuotaMetrics& metrics = QuotaMetrics::standard());
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft();

  EpochSeconds now() const { return now_; }

  const QuotaMetrics& quota_metrics() const { return metrics_; }

  /// Everything as this change has made it so far; documents of edited objects are stale.
  const Snapshot& view() const { return snapshot_; }

  /// From now on find(), get() and edit() take VMs that are DONE from there; view() has those that
  /// were asked for.
  void recall_from(const Archive& archive) { archive_ = &archive; }

  /// The object or nullptr. Stays valid until the object is erased; does not follow later edits.
  template <class T>
  const T* find(IdOf<T> id) const {
    if constexpr (std::is_same_v<T, Vm>) recall(id);
    return snapshot_.find<T>(id).get();
  }

  /// The object; Code::no_exists.
  template <class T>
  Result<const T*> get(IdOf<T> id) const {
    if (const T* found = find<T>(id)) return found;
    return no_such(names_of(T::type).message, id.value);
  }

  /// The object to be changed: the same one each time within a change. Code::no_exists.
  template <class T>
  Result<T*> edit(IdOf<T> id);

  /// Stores a new object under the next id. Code::internal when its name is taken, Code::allocate
  /// when the ids are used up.
  template <class T>
  Result<IdOf<T>> insert(T object);

  /// Takes an object out; nothing happens when there is none.
  template <class T>
  void erase(IdOf<T> id);

  /// Ids of that kind go on after `last`; never backwards.
  template <class T>
  void reserve_ids(int last) {
    int& counter = counters_[KindIndex<T>::value];
    counter = std::max(counter, last);
  }

  /// Stores work for a driver; handed to the commit listener once it is durable.
  Result<EffectId> emit(Effect effect);

  /// Charges owners and groups with the difference that this change has made so far to what its
  /// objects cost (charges.h): the one place where quotas are charged and given back. API calls are
  /// settled with QuotaTest::limits when their handler is done, everything else without a test when
  /// the change ends; who wants another test, order or text settles earlier. Code::authorization,
  /// "user [5] limit of 2 reached for CPU quota in VM": then nothing is charged, and the draft is
  /// to be dropped.
  Status settle_quotas(QuotaTest test);
  /// Whether a further bill would fit, for what will be charged when a driver has done it. Charges
  /// nothing. Code::authorization as above.
  Status quotas_allow(const Bill& more) const;
  /// Sets the usage of one or all accounts to what the objects cost, counted anew, and their
  /// entries to the metrics of today.
  void recount_quotas(const std::optional<QuotaAccount>& only = {});

  /// For the writer: settles quotas without a test, brings the names of edited objects into the
  /// index. Code::internal when two objects would have the same name; the draft is then to be
  /// dropped.
  Status finish();

  template <class T>
  const std::map<IdOf<T>, Touched<T>>& touched() const {
    return std::get<KindIndex<T>::value>(touched_);
  }

  const Counters& counters() const { return counters_; }

  /// VMs that view() has from the archive.
  const std::vector<VmId>& recalled() const { return recalled_; }

 private:
  template <class Tuple>
  struct TouchedOf;

  template <class... T>
  struct TouchedOf<std::tuple<T...>> {
    using type = std::tuple<std::map<IdOf<T>, Touched<T>>...>;
  };

  template <class T>
  std::map<IdOf<T>, Touched<T>>& touched_map() {
    return std::get<KindIndex<T>::value>(touched_);
  }

  void recall(VmId id) const;

  template <class T>
  static std::optional<NameKey> name_key(const T& object);
  template <class T>
  Status name_is_free(const T& object) const;
  static Status name_taken(ObjectType type, int holder);
  template <class T>
  void drop_old_names();
  template <class T>
  Status put_new_names();

  template <class T>
  void add_differences(QuotaDifferences& differences);
  void post_differences(const QuotaDifferences& differences);
  Status test_differences(const QuotaDifferences& differences) const;

  // What is recalled is a matter of reading, so a const draft may do it.
  mutable Snapshot snapshot_;
  mutable std::vector<VmId> recalled_;
  const Archive* archive_ = nullptr;
  Counters counters_;
  EpochSeconds now_;
  const QuotaMetrics& metrics_;
  std::map<std::pair<ObjectType, int>, Bill> settled_;  // what the owners have been charged with
  TouchedOf<ObjectKinds>::type touched_;
};

}  // namespace nubo
