// SPDX-License-Identifier: Apache-2.0
#include "store/archive.h"

#include <gtest/gtest.h>

#include "store/purge.h"
#include "store/sqlite.h"
#include "store/writer.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"
#include "unit/store/faulty_disk.h"

namespace nubo {
namespace {

struct Store {
  explicit Store(const std::string& path = ":memory:")
      : database(std::move(*open_sqlite(path))),
        writer(std::move(*Writer::load(*database, clock))) {}

  const Archive& archive() const { return writer->archive(); }

  void change(std::function<Status(Draft&)> function) {
    const Status changed = writer->apply_now({"test", std::move(function)});
    EXPECT_TRUE(changed) << changed.error().message;
  }

  /// VMs of users 0, 1, 2, 0 … that ended 100 s, 101 s … after the beginning of time.
  void make_done_vms(int count) {
    change([count](Draft& draft) -> Status {
      for (int place = 0; place < count; ++place) {
        Vm vm;
        vm.name = "vm";
        vm.uid = UserId{place % 3};
        vm.state = VmState::done;
        vm.start_time = EpochSeconds(50 + place);
        vm.end_time = EpochSeconds(100 + place);
        NUBO_CHECK(draft.insert(std::move(vm)));
      }
      return ok();
    });
  }

  std::vector<int> ids(const ArchiveQuery& query = {}) const {
    std::vector<int> ids;
    EXPECT_TRUE(archive().scan(query, [&](const ArchivedVm& vm) -> Result<bool> {
      ids.push_back(vm.id.value);
      return true;
    }));
    return ids;
  }

  test::FakeClock clock;
  std::unique_ptr<Database> database;
  std::unique_ptr<Writer> writer;
};

Status insert_vm(Draft& draft, VmState state) {
  Vm vm;
  vm.name = "vm";
  vm.state = state;
  NUBO_CHECK(draft.insert(std::move(vm)));
  return ok();
}

Status end_vm(Draft& draft, VmId id) {
  NUBO_TRY(Vm * vm, draft.edit<Vm>(id));
  vm->state = VmState::done;
  return ok();
}

TEST(Archive, TakesAVmOverInTheCommitThatEndsIt) {
  Store store;
  store.change([](Draft& draft) { return insert_vm(draft, VmState::pending); });
  EXPECT_TRUE(store.writer->snapshot()->find<Vm>(VmId{0}));
  EXPECT_EQ(*store.archive().find(VmId{0}), nullptr);
  store.change([](Draft& draft) { return end_vm(draft, VmId{0}); });
  EXPECT_FALSE(store.writer->snapshot()->find<Vm>(VmId{0}));
  EXPECT_EQ((*store.archive().find(VmId{0}))->name, "vm");
  EXPECT_NE(store.archive().brief_document(VmId{0})->find("<NAME>vm</NAME>"), std::string::npos);
}

TEST(Archive, KeepsVmsThatWereEndedBeforeARestart) {
  const test::TempDir dir;
  Store(dir.file("one.db")).make_done_vms(3);
  Store again(dir.file("one.db"));
  EXPECT_TRUE(again.writer->snapshot()->pool<Vm>().empty());
  EXPECT_EQ(again.ids(), (std::vector{0, 1, 2}));
  again.change([](Draft& draft) { return insert_vm(draft, VmState::pending); });
  EXPECT_TRUE(again.writer->snapshot()->find<Vm>(VmId{3}));
}

TEST(Archive, AVmThatIsDoneCanStillBeChanged) {
  Store store;
  store.make_done_vms(2);
  store.change([](Draft& draft) -> Status {
    NUBO_TRY(Vm * vm, draft.edit<Vm>(VmId{1}));
    vm->name = "renamed";
    return ok();
  });
  EXPECT_EQ((*store.archive().find(VmId{1}))->name, "renamed");
  EXPECT_TRUE(store.writer->snapshot()->pool<Vm>().empty());
}

TEST(Archive, WhatAChangeOnlyLooksAtStaysOutOfTheSnapshot) {
  Store store;
  store.make_done_vms(2);
  store.change([](Draft& draft) -> Status {
    EXPECT_EQ(draft.find<Vm>(VmId{0})->state, VmState::done);
    EXPECT_FALSE(draft.find<Vm>(VmId{7}));
    return insert_vm(draft, VmState::pending);
  });
  EXPECT_EQ(store.writer->snapshot()->pool<Vm>().size(), 1U);
}

TEST(Archive, ChangesOfABatchSeeOneAnotherOnVmsThatAreDone) {
  Store store;
  store.make_done_vms(1);
  for (const char* more : {"a", "b"}) {
    store.writer->submit({"test",
                          [more](Draft& draft) -> Status {
                            NUBO_TRY(Vm * vm, draft.edit<Vm>(VmId{0}));
                            vm->name += more;
                            return ok();
                          }},
                         {});
  }
  store.writer->run_until_idle();
  EXPECT_EQ((*store.archive().find(VmId{0}))->name, "vmab");
}

TEST(Archive, ScansInEitherOrderAcrossItsPages) {
  Store store;
  store.make_done_vms(1234);
  const auto up = store.ids();
  auto down = store.ids({.ascends = false});
  ASSERT_EQ(up.size(), 1234U);
  EXPECT_TRUE(std::ranges::is_sorted(up));
  std::ranges::reverse(down);
  EXPECT_EQ(up, down);
  EXPECT_EQ(*store.archive().count(), 1234);
}

TEST(Archive, ScansWhatWasAskedFor) {
  Store store;
  store.make_done_vms(9);
  EXPECT_EQ(store.ids({.first = 2, .last = 4}), (std::vector{2, 3, 4}));
  EXPECT_EQ(store.ids({.owner = UserId{1}}), (std::vector{1, 4, 7}));
  EXPECT_EQ(store.ids({.owner = UserId{1}, .ascends = false}), (std::vector{7, 4, 1}));
  EXPECT_EQ(store.ids({.ended_after = EpochSeconds(105)}), (std::vector{6, 7, 8}));
  EXPECT_EQ(store.ids({.started_before = EpochSeconds(52)}), (std::vector{0, 1}));
  EXPECT_EQ(store.ids({.first = 5, .last = 4}), std::vector<int>());
}

TEST(Archive, StopsWhenToldTo) {
  Store store;
  store.make_done_vms(5);
  int seen = 0;
  EXPECT_TRUE(
      store.archive().scan({}, [&](const ArchivedVm&) -> Result<bool> { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST(Archive, AnEndThatCannotBeStoredLeavesTheVmAlive) {
  test::FaultyDisk::install();
  const test::TempDir dir;
  Store store(dir.file("one.db"));
  store.change([](Draft& draft) { return insert_vm(draft, VmState::pending); });
  test::FaultyDisk::fail_from(0, SQLITE_FULL);
  EXPECT_FALSE(
      store.writer->apply_now({"test", [](Draft& draft) { return end_vm(draft, VmId{0}); }}));
  test::FaultyDisk::heal();
  EXPECT_TRUE(store.writer->snapshot()->find<Vm>(VmId{0}));
  EXPECT_EQ(*store.archive().find(VmId{0}), nullptr);
}

// The rows of a database from before there was an archive.
TEST(Archive, TakesOverWhatAnOlderDatabaseHas) {
  const test::TempDir dir;
  Store(dir.file("one.db")).make_done_vms(3);
  {
    auto old = std::move(*sqlite::Connection::open(dir.file("one.db"), "FULL"));
    ASSERT_TRUE(old.execute(
        "ALTER TABLE vm_pool ADD COLUMN short_body TEXT; "
        "INSERT INTO vm_pool (oid, body, name, uid, gid, owner_u, group_u, other_u, state, "
        "lcm_state, resched, short_body) SELECT oid, body, 'vm', uid, gid, owner_u, group_u, "
        "other_u, 6, 0, 0, short_body FROM vm_done; DROP TABLE vm_done; "
        "UPDATE db_versioning SET version = 1"));
  }
  const Store store(dir.file("one.db"));
  EXPECT_TRUE(store.writer->snapshot()->pool<Vm>().empty());
  EXPECT_EQ(store.ids(), (std::vector{0, 1, 2}));
  EXPECT_EQ(store.ids({.started_before = EpochSeconds(52), .ended_after = EpochSeconds(100)}),
            (std::vector{1}));
  EXPECT_EQ((*store.archive().find(VmId{2}))->end_time, EpochSeconds(102));
}

TEST(Purge, TakesWhatEndedInTheTimeGivenWhileOthersWrite) {
  const test::TempDir dir;
  Store store(dir.file("one.db"));
  store.make_done_vms(10);
  int pages = 0;
  const auto gone = purge_done(
      dir.file("one.db"),
      {.ended_from = EpochSeconds(102), .ended_by = EpochSeconds(106), .page = 2}, [&](long long) {
        ++pages;
        store.change([](Draft& draft) { return insert_vm(draft, VmState::pending); });
      });
  ASSERT_TRUE(gone) << gone.error().message;
  EXPECT_EQ(*gone, 5);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(store.ids(), (std::vector{0, 1, 7, 8, 9}));
}

TEST(Purge, GivesNoIdAgain) {
  const test::TempDir dir;
  Store(dir.file("one.db")).make_done_vms(4);
  ASSERT_EQ(*purge_done(dir.file("one.db"), {}, [](long long) {}), 4);
  Store store(dir.file("one.db"));
  store.make_done_vms(1);
  EXPECT_EQ(store.ids(), std::vector{4});
}

TEST(Purge, NamesADatabaseThatIsNotThere) {
  const auto gone = purge_done("/nonexistent/one.db", {}, [](long long) {});
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().message.find("/nonexistent/one.db"), std::string::npos);
}

}  // namespace
}  // namespace nubo
