// SPDX-License-Identifier: Apache-2.0
#include "store/load.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/sqlite.h"
#include "store/writer.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace nubo {
namespace {

constexpr int host_count = 1500;  // more than are read at once

std::unique_ptr<Database> database_of_hosts(const std::string& path) {
  auto database = std::move(*open_sqlite(path));
  const test::FakeClock clock;
  const auto writer = std::move(*Writer::load(*database, clock));
  EXPECT_TRUE(writer->apply_now({"hosts", [](Draft& draft) -> Status {
                                   for (int i = 0; i < host_count; ++i) {
                                     Host host;
                                     host.name = fmt::format("node{}", i);
                                     NUBO_CHECK(draft.insert(std::move(host)));
                                   }
                                   return ok();
                                 }}));
  return database;
}

TEST(Load, TakesAllRowsOfAKind) {
  const auto database = database_of_hosts(":memory:");
  Snapshot snapshot;
  ASSERT_TRUE(load_snapshot(*database, snapshot));
  EXPECT_EQ(snapshot.pool<Host>().size(), std::size_t{host_count});
  for (const int id : {0, 255, 256, 1499}) {
    EXPECT_EQ(snapshot.names().find(ObjectType::host, -1, fmt::format("node{}", id)), id);
    EXPECT_NE(snapshot.pool<Host>().entry(HostId{id})->document.find("<NAME>node"),
              std::string::npos);
  }
}

TEST(Load, ARowThatHoldsNoObjectIsNamed) {
  const test::TempDir dir;
  const auto database = database_of_hosts(dir.file("one.db"));
  auto other = std::move(*sqlite::Connection::open(dir.file("one.db"), "FULL"));
  ASSERT_TRUE(other.execute("UPDATE host_pool SET body = '<VM></VM>' WHERE oid = 700"));
  Snapshot snapshot;
  const Status loaded = load_snapshot(*database, snapshot);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message, "row 700 of table host_pool holds no HOST document");
}

}  // namespace
}  // namespace nubo
