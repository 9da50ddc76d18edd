// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "store/sqlite.h"
#include "support/temp_dir.h"
#include "unit/store/faulty_disk.h"

namespace nubo {
namespace {

TEST(Database, TwoProcessesDoNotShareIt) {
  const test::TempDir dir;
  const auto first = open_sqlite(dir.file("one.db"));
  ASSERT_TRUE(first);
  const auto second = open_sqlite(dir.file("one.db"));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("another process holds"), std::string::npos);
}

TEST(Database, ANewerSchemaIsRefused) {
  const test::TempDir dir;
  ASSERT_TRUE(open_sqlite(dir.file("one.db")));
  auto connection = sqlite::Connection::open(dir.file("one.db"), "FULL");
  ASSERT_TRUE(connection->execute("INSERT INTO db_versioning (version) VALUES (99)"));
  const auto refused = open_sqlite(dir.file("one.db"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("schema version 99"), std::string::npos);
}

TEST(Database, ADirectoryThatIsNotThereIsNamed) {
  const auto missing = open_sqlite("/nonexistent/one.db");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("/nonexistent/one.db"), std::string::npos);
}

TEST(Database, TablesHaveTheColumnsThatPeopleSelectBy) {
  const test::TempDir dir;
  ASSERT_TRUE(open_sqlite(dir.file("one.db")));
  auto connection = sqlite::Connection::open(dir.file("one.db"), "FULL");
  EXPECT_TRUE(
      connection->prepare("SELECT oid, name, body, uid, gid, owner_u, group_u, other_u, "
                          "state, lcm_state, resched FROM vm_pool"));
  EXPECT_TRUE(connection->prepare("SELECT oid, name, body, state, cid FROM host_pool"));
  EXPECT_TRUE(connection->prepare("SELECT tablename, last_oid FROM pool_control"));
}

TEST(Database, ItsLogHasItsFullLengthFromTheStart) {
  const test::TempDir dir;
  const auto database = std::move(*open_sqlite(dir.file("one.db")));
  const auto length = std::filesystem::file_size(dir.file("one.db-wal"));
  EXPECT_GT(length, 1000U * 4096);  // SQLite begins it anew behind a thousand pages
  const std::string body(2000, 'x');
  for (int id = 0; id < 2000; ++id) {
    ASSERT_TRUE(database->write({{{0, id, {static_cast<long long>(id), body}}}, {}}));
  }
  EXPECT_EQ(std::filesystem::file_size(dir.file("one.db-wal")), length);
}

TEST(Database, OpensWhereTheDiskHasNoRoomForAWholeLog) {
  test::FaultyDisk::install();
  const test::TempDir dir;
  ASSERT_TRUE(open_sqlite(dir.file("one.db")));
  test::FaultyDisk::fail_from(1, SQLITE_FULL);
  const auto opened = open_sqlite(dir.file("one.db"));
  EXPECT_TRUE(test::FaultyDisk::has_failed());
  test::FaultyDisk::heal();
  EXPECT_TRUE(opened) << opened.error().message;
}

TEST(Database, CountersThatAreAheadOfAllRowsCount) {
  const test::TempDir dir;
  ASSERT_TRUE(open_sqlite(dir.file("one.db")));
  auto connection = sqlite::Connection::open(dir.file("one.db"), "FULL");
  ASSERT_TRUE(connection->execute("INSERT INTO pool_control VALUES ('host_pool', 41)"));
  ASSERT_TRUE(connection->execute("INSERT INTO host_pool (oid) VALUES (7)"));
  ASSERT_TRUE(connection->execute("DELETE FROM db_versioning"));
  ASSERT_TRUE(connection->execute("INSERT INTO db_versioning (version) VALUES (3)"));
  const auto database = std::move(*open_sqlite(dir.file("one.db")));
  const auto counters = database->counters();
  EXPECT_EQ(std::count(counters.begin(), counters.end(), 41), 1);
}

TEST(Database, AWriteIsAllOrNothing) {
  const auto database = std::move(*open_sqlite(":memory:"));
  const Writes bad{{{0, 1, {1LL, std::string("<USER/>")}}, {0, 2, {std::string("no number")}}}, {}};
  EXPECT_FALSE(database->write(bad));
  int rows = 0;
  ASSERT_TRUE(database->read(0, [&](int, std::string_view) -> Status {
    ++rows;
    return ok();
  }));
  EXPECT_EQ(rows, 0);
}

}  // namespace
}  // namespace nubo
