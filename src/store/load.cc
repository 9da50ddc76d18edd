// SPDX-License-Identifier: Apache-2.0
#include "store/load.h"

#include <algorithm>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/draft.h"
#include "store/kinds.h"
#include "store/rows.h"

namespace nubo {
namespace {

struct StoredRow {
  int oid;
  std::string body;
};

template <class T>
using Entries = std::vector<std::shared_ptr<Entry<T>>>;

template <class T>
Result<Entries<T>> entries_of(const std::vector<StoredRow>& rows) {
  Entries<T> entries;
  for (const StoredRow& row : rows) {
    NUBO_TRY(T object, object_of<T>(row.oid, row.body));
    entries.push_back(entry_of(std::move(object)));
    render(*entries.back());
  }
  return entries;
}

/// Takes the rows of a kind. What they hold is read by other threads, some rows at a time, while
/// the next ones come from the database.
template <class T>
class PoolLoader {
 public:
  explicit PoolLoader(Snapshot& snapshot) : snapshot_(snapshot) {}

  Status add(int oid, std::string_view body) {
    rows_.push_back({oid, std::string(body)});
    return rows_.size() < rows_at_once ? ok() : hand_over();
  }

  Status finish() {
    NUBO_CHECK(hand_over());
    while (!ahead_.empty()) NUBO_CHECK(take_first());
    return ok();
  }

 private:
  static constexpr std::size_t rows_at_once = 256;

  Status hand_over() {
    if (rows_.empty()) return ok();
    const unsigned at_once = std::max(1U, std::thread::hardware_concurrency());  // 0: not known
    if (ahead_.size() >= at_once) NUBO_CHECK(take_first());
    ahead_.push_back(std::async([rows = std::exchange(rows_, {})] { return entries_of<T>(rows); }));
    return ok();
  }

  Status take_first() {
    NUBO_TRY(const Entries<T> entries, ahead_.front().get());
    ahead_.pop_front();
    for (const auto& entry : entries) put(entry);
    return ok();
  }

  void put(const std::shared_ptr<Entry<T>>& entry) {
    const T& object = entry->object;
    if constexpr (requires { object.name; }) {
      if (const auto scope = name_scope(object)) {
        snapshot_.names().put(T::type, *scope, object.name, object.id.value);
      }
    }
    if constexpr (std::is_same_v<T, Effect>) snapshot_.effects().put(object);
    snapshot_.pool<T>().put(entry);
  }

  Snapshot& snapshot_;
  std::vector<StoredRow> rows_;
  std::deque<std::future<Result<Entries<T>>>> ahead_;
};

template <class T>
Status load_pool(Database& database, Snapshot& snapshot) {
  PoolLoader<T> loader(snapshot);
  NUBO_CHECK(database.read(KindIndex<T>::value,
                           [&](int oid, std::string_view body) { return loader.add(oid, body); }));
  return loader.finish();
}

}  // namespace

Status load_snapshot(Database& database, Snapshot& snapshot) {
  return for_each_kind(
      [&]<class T>(std::type_identity<T>) -> Status { return load_pool<T>(database, snapshot); });
}

}  // namespace nubo
