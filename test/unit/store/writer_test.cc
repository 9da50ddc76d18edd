// SPDX-License-Identifier: Apache-2.0
#include "store/writer.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <random>
#include <set>

#include "support/fake_clock.h"
#include "support/temp_dir.h"
#include "unit/store/faulty_disk.h"

namespace nubo {
namespace {

using test::FaultyDisk;

struct Store {
  explicit Store(const std::string& path) {
    auto opened = open_sqlite(path);
    EXPECT_TRUE(opened) << opened.error().message;
    database = std::move(*opened);
    auto loaded = Writer::load(*database, clock);
    EXPECT_TRUE(loaded) << loaded.error().message;
    writer = std::move(*loaded);
  }

  test::FakeClock clock;
  std::unique_ptr<Database> database;
  std::unique_ptr<Writer> writer;
};

Change add_host(const std::string& name) {
  return {"host.allocate", [name](Draft& draft) -> Status {
            Host host;
            host.name = name;
            NUBO_CHECK(draft.insert(std::move(host)));
            return ok();
          }};
}

Change edit_host(int id, std::function<void(Host&)> edit) {
  return {"host.update", [id, edit](Draft& draft) -> Status {
            NUBO_TRY(Host * host, draft.edit<Host>(HostId{id}));
            edit(*host);
            return ok();
          }};
}

Change emit_effect() {
  return {"effect", [](Draft& draft) -> Status {
            NUBO_CHECK(draft.emit({.subject = "host", .object = 0, .operation = "im.start"}));
            return ok();
          }};
}

template <class T>
std::vector<T> all_of(const Snapshot& snapshot) {
  std::vector<T> all;
  snapshot.pool<T>().for_each([&](const Entry<T>& entry) { all.push_back(entry.object); });
  return all;
}

template <class... T>
void expect_equal_pools(const Snapshot& left, const Snapshot& right,
                        std::type_identity<std::tuple<T...>>) {
  ([&] { EXPECT_TRUE(all_of<T>(left) == all_of<T>(right)) << T::table; }(), ...);
}

void expect_equal(const Snapshot& left, const Snapshot& right) {
  expect_equal_pools(left, right, std::type_identity<ObjectKinds>{});
}

TEST(Writer, AChangeIsSeenOnceAnswered) {
  Store store(":memory:");
  ASSERT_TRUE(store.writer->apply_now(add_host("a")));
  const auto snapshot = store.writer->snapshot();
  EXPECT_EQ(snapshot->find<Host>(HostId{0})->name, "a");
  EXPECT_NE(snapshot->pool<Host>().entry(HostId{0})->document.find("<NAME>a</NAME>"),
            std::string::npos);
}

TEST(Writer, AFailedChangeLeavesNoTrace) {
  Store store(":memory:");
  const Status failed = store.writer->apply_now({"bad", [](Draft& draft) -> Status {
                                                   NUBO_CHECK(draft.insert(Host{}));
                                                   return fail(Code::action, "no");
                                                 }});
  EXPECT_EQ(failed.error().code, Code::action);
  EXPECT_TRUE(store.writer->snapshot()->pool<Host>().empty());
  ASSERT_TRUE(store.writer->apply_now(add_host("a")));
  EXPECT_TRUE(store.writer->snapshot()->find<Host>(HostId{0}));
}

TEST(Writer, ChangesOfABatchBuildOnOneAnother) {
  Store store(":memory:");
  std::vector<bool> outcomes;
  const auto note = [&](const Status& status, const SnapshotPtr&) {
    outcomes.push_back(status.has_value());
  };
  store.writer->submit(add_host("a"), note);
  store.writer->submit(add_host("a"), note);
  store.writer->submit(edit_host(0, [](Host& host) { host.name = "b"; }), note);
  store.writer->submit(add_host("a"), note);
  store.writer->run_until_idle();
  EXPECT_EQ(outcomes, (std::vector{true, false, true, true}));
  EXPECT_EQ(store.writer->snapshot()->find<Host>(HostId{0})->name, "b");
  EXPECT_EQ(store.writer->snapshot()->find<Host>(HostId{1})->name, "a");
}

TEST(Writer, TheAnswerComesWithTheSnapshotThatHoldsTheChange) {
  Store store(":memory:");
  bool answered = false;
  store.writer->submit(add_host("a"), [&](const Status&, const SnapshotPtr& snapshot) {
    answered = snapshot->find<Host>(HostId{0}) != nullptr;
  });
  store.writer->run_until_idle();
  EXPECT_TRUE(answered);
}

TEST(Writer, TheListenerGetsNewEffectsAndWhatChanged) {
  Store store(":memory:");
  std::vector<Commit> commits;
  store.writer->listen([&](const Commit& commit) { commits.push_back(commit); });
  store.writer->submit(add_host("a"), {});
  store.writer->submit(emit_effect(), {});
  store.writer->run_until_idle();
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].touched, (std::vector{TouchedObject{ObjectType::host, 0}}));
  ASSERT_EQ(commits[0].effects.size(), 1U);
  EXPECT_EQ(commits[0].effects[0].operation, "im.start");
  EXPECT_TRUE(commits[0].before->pool<Host>().empty());
}

TEST(Writer, AStoppedWriterRefuses) {
  Store store(":memory:");
  store.writer->start();
  store.writer->stop();
  std::string answer;
  store.writer->submit(add_host("a"), [&](const Status& status, const SnapshotPtr&) {
    answer = status.error().message;
  });
  EXPECT_EQ(answer, "the daemon is stopping");
}

TEST(Writer, AFullQueueAnswersBusy) {
  Store store(":memory:");
  int refused = 0;
  for (int i = 0; i < 10'001; ++i) {
    store.writer->submit(Change("none", [](Draft&) -> Status { return ok(); }),
                         [&](const Status& status, const SnapshotPtr&) { refused += !status; });
  }
  EXPECT_EQ(refused, 1);
}

TEST(Writer, ManyThreadsSubmitAndRead) {
  Store store(":memory:");
  store.writer->start();
  constexpr int threads = 4, each = 50;
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < threads; ++worker) {
      workers.emplace_back([&store, worker] {
        for (int i = 0; i < each; ++i) {
          EXPECT_TRUE(store.writer->apply_now(add_host(fmt::format("h{}-{}", worker, i))));
          EXPECT_FALSE(store.writer->snapshot()->pool<Host>().empty());
        }
      });
    }
  }
  EXPECT_EQ(store.writer->snapshot()->pool<Host>().size(), std::size_t{threads * each});
}

TEST(Writer, ARestartFindsEverything) {
  const test::TempDir dir;
  SnapshotPtr before;
  {
    Store store(dir.file("one.db"));
    ASSERT_TRUE(store.writer->apply_now(add_host("a")));
    ASSERT_TRUE(store.writer->apply_now(add_host("b")));
    ASSERT_TRUE(store.writer->apply_now(emit_effect()));
    ASSERT_TRUE(store.writer->apply_now({"erase", [](Draft& draft) -> Status {
                                           draft.erase<Host>(HostId{1});
                                           return ok();
                                         }}));
    before = store.writer->snapshot();
  }
  Store store(dir.file("one.db"));
  expect_equal(*before, *store.writer->snapshot());
  EXPECT_EQ(store.writer->snapshot()->names().find(ObjectType::host, -1, "a"), 0);
  ASSERT_TRUE(store.writer->apply_now(add_host("c")));
  EXPECT_TRUE(store.writer->snapshot()->find<Host>(HostId{2}));  // 1 is not given out again
}

// Random changes on a few kinds, as a property test would do by hand.
Change random_change(std::mt19937& random) {
  const int id = static_cast<int>(random() % 20);
  const std::string word = fmt::format("n{}", random() % 30);
  switch (random() % 5) {
    case 0:
      return add_host(word);
    case 1:
      return edit_host(id, [word](Host& host) { host.name = word; });
    case 2:
      return edit_host(id,
                       [word](Host& host) { host.attributes.set(word, "<a&\r\n\"]]>" + word); });
    case 3:
      return {"erase", [id](Draft& draft) -> Status {
                draft.erase<Host>(HostId{id});
                return ok();
              }};
    default:
      return {"vm", [word](Draft& draft) -> Status {
                Vm vm;
                vm.name = word;
                vm.system.add("DISK", Vector{{"IMAGE", word}});
                vm.history.list.push_back({.sequence = 0, .hostname = word});
                NUBO_CHECK(draft.insert(std::move(vm)));
                return ok();
              }};
  }
}

TEST(Writer, AfterRandomChangesARestartGivesAnEqualSnapshot) {
  const test::TempDir dir;
  std::mt19937 random(1);
  for (int round = 0; round < 10; ++round) {
    SnapshotPtr before;
    {
      Store store(dir.file("one.db"));
      for (int i = 0; i < 50; ++i) store.writer->submit(random_change(random), {});
      store.writer->run_until_idle();
      before = store.writer->snapshot();
    }
    Store store(dir.file("one.db"));
    expect_equal(*before, *store.writer->snapshot());
  }
}

// One host and one VM more, which have to get that id.
void expect_next_id(Store& store, int id) {
  std::pair<int, int> given;
  const auto add = [id, &given](Draft& draft) -> Status {
    Host host;
    host.name = fmt::format("h{}", id);
    NUBO_TRY(const HostId of_host, draft.insert(std::move(host)));
    NUBO_TRY(const VmId of_vm, draft.insert(Vm{}));
    given = {of_host.value, of_vm.value};
    return ok();
  };
  EXPECT_TRUE(store.writer->apply_now({"one of each", add}));
  EXPECT_EQ(given, std::pair(id, id));
}

Change take_out(int host, int vm) {
  return {"take out", [host, vm](Draft& draft) -> Status {
            draft.erase<Host>(HostId{host});
            if (draft.find<Vm>(VmId{vm})) (*draft.edit<Vm>(VmId{vm}))->state = VmState::done;
            return ok();
          }};
}

TEST(Writer, AnIdIsGivenOnceWhateverWasTakenOutBeforeARestart) {
  const test::TempDir dir;
  std::mt19937 random(2);
  int last = -1;
  for (int round = 0; round < 40; ++round) {
    Store store(dir.file("one.db"));
    for (auto made = random() % 3; made > 0; --made) {
      expect_next_id(store, ++last);
    }
    for (auto gone = random() % 3; gone > 0 && last >= 0; --gone) {
      const int near_last = last - static_cast<int>(random() % 2);
      store.writer->submit(take_out(near_last, near_last), {});
    }
    if (random() % 4 == 0) {
      store.writer->submit({"made and taken out",
                            [](Draft& draft) -> Status {
                              NUBO_TRY(const HostId host, draft.insert(Host{}));
                              draft.erase<Host>(host);
                              NUBO_CHECK(draft.insert(Vm{}));
                              return ok();
                            }},
                           {});
      ++last;
    }
    store.writer->run_until_idle();
  }
}

TEST(Writer, AnIdIsNotGivenAgainWhenItsTakingOutFailedAtFirst) {
  FaultyDisk::install();
  const test::TempDir dir;
  {
    Store store(dir.file("one.db"));
    expect_next_id(store, 0);
    FaultyDisk::fail_from(0, SQLITE_FULL);
    EXPECT_FALSE(store.writer->apply_now(take_out(0, 0)));
    FaultyDisk::heal();
    EXPECT_TRUE(store.writer->apply_now(take_out(0, 0)));
  }
  Store store(dir.file("one.db"));
  expect_next_id(store, 1);
}

// Answers `ok` lines for what was acknowledged until it is killed.
[[noreturn]] void allocate_until_killed(const std::string& path, int pipe) {
  Store store(path);
  for (int i = 0;; ++i) {
    store.writer->submit(add_host(fmt::format("h{}", i)),
                         [pipe, i](const Status& status, const SnapshotPtr&) {
                           if (status && ::write(pipe, &i, sizeof i) != sizeof i) ::_exit(1);
                         });
    if (i % 3 == 0) store.writer->run_until_idle();
  }
}

TEST(Writer, NothingAcknowledgedIsLostByKill9) {
  const test::TempDir dir;
  for (const int wanted : {1, 40, 200}) {
    const std::string path = dir.file(fmt::format("{}.db", wanted));
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) allocate_until_killed(path, pipe[1]);
    ::close(pipe[1]);
    std::set<int> acknowledged;
    int number = 0;
    while (static_cast<int>(acknowledged.size()) < wanted &&
           ::read(pipe[0], &number, sizeof number) == sizeof number) {
      acknowledged.insert(number);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(pipe[0], &number, sizeof number) == sizeof number) acknowledged.insert(number);
    ::close(pipe[0]);

    Store store(path);
    const auto snapshot = store.writer->snapshot();
    for (const int each : acknowledged) {
      ASSERT_TRUE(snapshot->names().find(ObjectType::host, -1, fmt::format("h{}", each)));
    }
  }
}

// Fails each disk operation in turn: refused changes are gone, acknowledged ones are there, and
// once the disk is well again writing goes on.
TEST(Writer, AFailingDiskRefusesWritesAndLosesNothing) {
  FaultyDisk::install();
  const test::TempDir dir;
  for (const int error : {SQLITE_FULL, SQLITE_IOERR_WRITE}) {
    bool failed = true;
    for (int n = 0; failed; ++n) {
      const std::string path = dir.file(fmt::format("{}-{}.db", error, n));
      SnapshotPtr last;
      {
        Store store(path);
        ASSERT_TRUE(store.writer->apply_now(add_host("before")));
        FaultyDisk::fail_from(n, error);
        const Status during = store.writer->apply_now(add_host("during"));
        failed = FaultyDisk::has_failed();
        FaultyDisk::heal();
        if (!during) {
          EXPECT_EQ(during.error().code, Code::internal);
          EXPECT_TRUE(during.error().message.starts_with("the database cannot be written: "));
        }
        EXPECT_EQ(store.writer->snapshot()->pool<Host>().size(), during ? 2U : 1U);
        ASSERT_TRUE(store.writer->apply_now(add_host("after")));
        last = store.writer->snapshot();
      }
      Store store(path);
      expect_equal(*last, *store.writer->snapshot());
    }
  }
}

}  // namespace
}  // namespace nubo
