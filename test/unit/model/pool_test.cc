// SPDX-License-Identifier: Apache-2.0
#include "model/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/cluster.h"

namespace nubo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void put(Pool<Cluster>& pool, int id, const std::string& name) {
  Cluster cluster;
  cluster.id = ClusterId{id};
  cluster.name = name;
  pool.put(entry_of(cluster));
}

/// "before>now" by id, "-" where there is none.
std::vector<std::string> differences(const Pool<Cluster>& before, const Pool<Cluster>& now) {
  std::vector<std::string> found;
  const auto name = [](const Entry<Cluster>* entry) { return entry ? entry->object.name : "-"; };
  now.for_each_difference(before, [&](const Entry<Cluster>* old, const Entry<Cluster>* entry) {
    found.push_back(name(old) + ">" + name(entry));
  });
  return found;
}

TEST(Pool, TellsWhatDiffersBetweenTwoVersions) {
  Pool<Cluster> before;
  for (const int id : {0, 70, 9000, 20000}) put(before, id, std::to_string(id));
  Pool<Cluster> now = before;
  EXPECT_THAT(differences(before, now), IsEmpty());
  put(now, 1, "new");
  put(now, 9000, "changed");
  now.erase(ClusterId{20000});
  put(now, 500'000, "far");
  EXPECT_THAT(differences(before, now), ElementsAre("->new", "9000>changed", "20000>-", "->far"));
  EXPECT_THAT(differences(now, before), ElementsAre("new>-", "changed>9000", "->20000", "far>-"));
}

TEST(Pool, KeepsItsCopiesAsTheyWere) {
  Pool<Cluster> before;
  put(before, 7, "a");
  Pool<Cluster> now = before;
  put(now, 7, "b");
  now.erase(ClusterId{8});
  EXPECT_EQ(before.find(ClusterId{7})->name, "a");
  EXPECT_EQ(now.find(ClusterId{7})->name, "b");
  EXPECT_EQ(now.size(), 1U);
}

std::vector<int> ids_of(const Pool<Cluster>& pool) {
  std::vector<int> ids;
  pool.for_each([&](const Entry<Cluster>& entry) { ids.push_back(entry.object.id.value); });
  return ids;
}

TEST(Pool, FindsWhatIsLeftWhenMostIsGone) {
  Pool<Cluster> pool;
  for (int id = 0; id < 20'000; ++id) put(pool, id, "");
  for (int id = 0; id < 20'000; ++id) {
    if (id != 7 && id != 9'000) pool.erase(ClusterId{id});
  }
  EXPECT_THAT(ids_of(pool), ElementsAre(7, 9'000));
  EXPECT_EQ(pool.size(), 2U);
  EXPECT_FALSE(pool.find(ClusterId{8}));
  put(pool, 8, "");
  EXPECT_THAT(ids_of(pool), ElementsAre(7, 8, 9'000));
}

TEST(Pool, TakingOutWhatIsNotThereChangesNothing) {
  Pool<Cluster> pool;
  put(pool, 3, "");
  for (const int id : {-1, 2, 5'000'000}) pool.erase(ClusterId{id});
  EXPECT_THAT(ids_of(pool), ElementsAre(3));
}

}  // namespace
}  // namespace nubo
