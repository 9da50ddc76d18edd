// SPDX-License-Identifier: Apache-2.0
// The built-in transfer managers on real files: a front-end and two nodes that are this machine,
// with a datastore root each (one for all when it is shared), reached by a real sshd.
#include "tm/transfers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "contract/driver_under_test.h"
#include "support/loopback_sshd.h"

namespace nubo::tm {

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr auto node1 = "127.0.0.1";
constexpr auto node2 = "127.0.0.2";

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class TransfersTest : public ::testing::Test {
 protected:
  TransfersTest() {
    driver::Values settings = sshd.values();
    settings["REMOTES"] = dir / "remotes";
    settings["CONTEXT_RESTRICTED_DIRS"] = "/etc " + (dir / "fe/hidden");
    settings["CONTEXT_SAFE_DIRS"] = dir / "fe/hidden/open";
    EXPECT_TRUE(transfers.configure(settings));
    for (const char* place : {"fe/1", "fe/100", "n1", "n2", "remotes"})
      fs::create_directories(dir / place);
  }

  std::string filled_in(std::string lines) const {
    replace(lines, "FE:", "frontend:" + (dir / "fe"));
    replace(lines, "FE/", (dir / "fe") + "/");
    replace(lines, "N1:", std::string(node1) + ":" + (dir / "n1"));
    replace(lines, "N2:", std::string(node2) + ":" + (dir / "n2"));
    replace(lines, "N1/", (dir / "n1") + "/");
    return lines;
  }

  // Lines in which FE, N1 and N2 are the datastore roots, with their nodes.
  std::string run(const std::string& lines, const std::string& vm = "", driver::Values more = {}) {
    more["lines"] = filled_in(lines);
    more["vm"] = vm;
    driver::Context limited(
        {.deadline = clock.steady() + std::chrono::seconds(60), .stop = stop.get_token()}, clock);
    const auto done = transfers.run({.action = "run", .args = more}, limited);
    return done ? "ok" : done.error().message;
  }

  static void replace(std::string& text, const std::string& what, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
      text.replace(at, what.size(), with);
  }

  std::string shell(const std::string& script) {
    driver::Context context({}, clock);
    const auto said = driver::run_script({.argv = {"/bin/sh", "-c", script}}, context);
    return said ? *said : "failed: " + said.error().message;
  }

  void make_file(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(dir / name).parent_path());
    std::ofstream(dir / name) << text;
  }

  static std::string disk(const std::string& facts) {
    return "<VM><ID>5</ID><LCM_STATE>1</LCM_STATE><TEMPLATE><DISK><DISK_ID>0</DISK_ID>" + facts +
           "</DISK></TEMPLATE></VM>";
  }

  // Everything below a directory, one name a line.
  std::string tree(const std::string& name) {
    return shell("cd '" + (dir / name) + "' && find . -mindepth 1 | LC_ALL=C sort");
  }

  const SystemClock clock;
  std::stop_source stop;
  testing::LoopbackSshd sshd;
  testing::TempDir dir;
  Transfers transfers;
};

TEST_F(TransfersTest, SharedClonesARawImageByCopyAndGrowsIt) {
  make_file("n1/1/img", std::string(1 << 20, 'i'));
  const std::string vm = disk("<FORMAT>raw</FORMAT><SIZE>3</SIZE><ORIGINAL_SIZE>1</ORIGINAL_SIZE>");
  const std::string line = "CLONE shared FE:/1/img N1:/100/5/disk.0 5 1\n";
  ASSERT_EQ(run(line, vm), "ok");
  EXPECT_EQ(fs::file_size(dir / "n1/100/5/disk.0"), 3U << 20U);
  EXPECT_EQ(contents(dir / "n1/100/5/disk.0").substr(0, 1 << 20), std::string(1 << 20, 'i'));
  make_file("n1/100/5/disk.0", "the guest wrote");
  ASSERT_EQ(run(line, vm), "ok");
  EXPECT_EQ(contents(dir / "n1/100/5/disk.0"), "the guest wrote");
  EXPECT_EQ(tree("n1/100"), "./5\n./5/disk.0\n");
}

TEST_F(TransfersTest, SharedClonesAQcow2ImageByAnOverlay) {
  fs::create_directories(dir / "n1/1");
  shell("qemu-img create -q -f qcow2 " + (dir / "n1/1/img") + " 10M");
  const std::string vm =
      disk("<FORMAT>qcow2</FORMAT><SIZE>20</SIZE><ORIGINAL_SIZE>10</ORIGINAL_SIZE>");
  for (int round = 0; round < 2; ++round)
    ASSERT_EQ(run("CLONE qcow2 FE:/1/img N1:/100/5/disk.0 5 1\n", vm), "ok");
  const std::string info = shell("qemu-img info " + (dir / "n1/100/5/disk.0"));
  EXPECT_THAT(info, HasSubstr("backing file: " + (dir / "n1/1/img")));
  EXPECT_THAT(info, HasSubstr("virtual size: 20 MiB"));
  EXPECT_EQ(fs::read_symlink(dir / "n1/100/5/disk.0"), "disk.0.snap/0");
}

TEST_F(TransfersTest, SharedPersistentImagesAreLinkedAndLetGo) {
  make_file("n1/1/img", "image");
  const std::string vm = disk("<FORMAT>raw</FORMAT>");
  for (int round = 0; round < 2; ++round)
    ASSERT_EQ(run("LN shared FE:/1/img N1:/100/5/disk.0 5 1\n", vm), "ok");
  EXPECT_EQ(fs::read_symlink(dir / "n1/100/5/disk.0"), dir / "n1/1/img");
  for (int round = 0; round < 2; ++round)
    ASSERT_EQ(run("MVDS shared N1:/100/5/disk.0 N1/1/img 5 1\nDELETE shared N1:/100/5 5 100\n", vm),
              "ok");
  EXPECT_EQ(contents(dir / "n1/1/img"), "image");
  EXPECT_EQ(tree("n1/100"), "");
}

TEST_F(TransfersTest, AMissingImageIsAnErrorThatNamesTheNodeAndLeavesNothing) {
  for (const char* tm : {"shared", "ssh"}) {
    const std::string error =
        run(std::string("CLONE ") + tm + " FE:/1/none N1:/100/5/disk.0 5 1\n", disk(""));
    EXPECT_THAT(error, HasSubstr("none"));
    EXPECT_THAT(error, HasSubstr("disk.0"));
  }
  EXPECT_FALSE(fs::exists(dir / "n1/100/5/disk.0"));
}

TEST_F(TransfersTest, SshCopiesAnImageToTheNodeAndSavesItBack) {
  make_file("fe/1/img", "version 1");
  const std::string vm = disk("<FORMAT>raw</FORMAT>");
  const std::string fetch = "LN ssh FE:/1/img N1:/100/5/disk.0 5 1\n";
  for (int round = 0; round < 2; ++round) ASSERT_EQ(run(fetch, vm), "ok");
  EXPECT_EQ(contents(dir / "n1/100/5/disk.0"), "version 1");
  EXPECT_EQ(contents(dir / "n1/100/.monitor"), "ssh\n");
  make_file("n1/100/5/disk.0", "version 2");
  const std::string save = "MVDS ssh N1:/100/5/disk.0 FE/1/img 5 1\n";
  for (int round = 0; round < 2; ++round) ASSERT_EQ(run(save, vm), "ok");
  EXPECT_EQ(contents(dir / "fe/1/img"), "version 2");
  EXPECT_FALSE(fs::exists(dir / "n1/100/5/disk.0"));
  EXPECT_EQ(tree("fe/1"), "./img\n");
}

TEST_F(TransfersTest, SshKeepsHolesWhereTheyAre) {
  shell("truncate -s 200M " + (dir / "fe/1/img"));
  ASSERT_EQ(run("CLONE ssh FE:/1/img N1:/100/5/disk.0 5 1\n", disk("")), "ok");
  EXPECT_EQ(fs::file_size(dir / "n1/100/5/disk.0"), 200U << 20U);
  EXPECT_LT(std::stol(shell("stat -c %b " + (dir / "n1/100/5/disk.0"))), 100);
}

TEST_F(TransfersTest, LocalKeepsQcow2DisksAsItsSnapshotsNeedThem) {
  shell("qemu-img create -q -f qcow2 " + (dir / "fe/1/img") + " 10M");
  const std::string vm =
      disk("<FORMAT>qcow2</FORMAT><SIZE>12</SIZE><ORIGINAL_SIZE>10</ORIGINAL_SIZE>");
  ASSERT_EQ(run("CLONE local FE:/1/img N1:/100/5/disk.0 5 1\n", vm), "ok");
  EXPECT_EQ(fs::read_symlink(dir / "n1/100/5/disk.0"), "disk.0.snap/0");
  EXPECT_THAT(shell("qemu-img info " + (dir / "n1/100/5/disk.0")), HasSubstr("12 MiB"));
  ASSERT_EQ(run("MVDS local N1:/100/5/disk.0 FE/1/saved 5 1\n", vm), "ok");
  EXPECT_THAT(shell("qemu-img info " + (dir / "fe/1/saved")), HasSubstr("12 MiB"));
}

TEST_F(TransfersTest, AnImageOfASharedDatastoreGoesToANodeThatKeepsItsOwnDisks) {
  make_file("fe/1/img", "image");
  ASSERT_EQ(run("CLONE.ssh shared FE:/1/img N1:/100/5/disk.0 5 1\n", disk("")), "ok");
  EXPECT_EQ(contents(dir / "n1/100/5/disk.0"), "image");
}

TEST_F(TransfersTest, VolatileDisksAreMadeWithTheirFileSystem) {
  const std::string vm = disk("<TYPE>fs</TYPE><FS>ext4</FS>");
  const std::string lines =
      "MKIMAGE ssh 16 raw N1:/100/5/disk.0 5 100\nMKIMAGE shared 16 qcow2 N1:/100/5/disk.1 5 100\n"
      "MKSWAP ssh 8 N1:/100/5/disk.2 5 100\n";
  for (int round = 0; round < 2; ++round) ASSERT_EQ(run(lines, vm), "ok");
  EXPECT_THAT(shell("blkid -p -o value -s TYPE " + (dir / "n1/100/5/disk.0")), HasSubstr("ext4"));
  EXPECT_THAT(shell("blkid -p -o value -s TYPE " + (dir / "n1/100/5/disk.2")), HasSubstr("swap"));
  EXPECT_THAT(shell("qemu-img info " + (dir / "n1/100/5/disk.1")), HasSubstr("qcow2"));
}

TEST_F(TransfersTest, TheContextCdHoldsTheContextAndTheFilesAndIsReplaced) {
  make_file("fe/2/abc", "file one");
  make_file("fe/2/token.txt", "token");
  const std::string lines = "CONTEXT ssh /none/context.sh FE/2/token.txt N1:/100/5/disk.1 5 100\n";
  for (const char* text : {"A='1'\n", "A='2'\n"})
    ASSERT_EQ(run(lines, "", {{"context", text}, {"files", (dir / "fe/2/abc") + ":'my file' "}}),
              "ok");
  const std::string cd = dir / "n1/100/5/disk.1";
  const auto read = [this, &cd](const std::string& name) {
    return shell("isoinfo -R -i " + cd + " -x '/" + name + "'");
  };
  EXPECT_EQ(read("context.sh"), "A='2'\n");
  EXPECT_EQ(read("my file"), "file one");
  EXPECT_EQ(read("token.txt"), "token");
  EXPECT_THAT(shell("isoinfo -d -i " + cd), HasSubstr("Volume id: CONTEXT\n"));
  EXPECT_EQ(tree("n1/100/5"), "./disk.1\n");
}

TEST_F(TransfersTest, TheContextIsReadFromTheFileThatTheLineNamesOtherwise) {
  make_file("fe/context.sh", "B='1'\n");
  ASSERT_EQ(run("CONTEXT shared FE/context.sh N1:/100/5/disk.1 5 100\n"), "ok");
  EXPECT_EQ(shell("isoinfo -R -i " + (dir / "n1/100/5/disk.1") + " -x /context.sh"), "B='1'\n");
}

TEST_F(TransfersTest, NamesOnTheContextCdStayOnIt) {
  const std::string error = run("CONTEXT ssh /none/context.sh N1:/100/5/disk.1 5 100\n", "",
                                {{"context", "A='1'\n"}, {"files", "/etc/hostname:'../x'"}});
  EXPECT_THAT(error, HasSubstr("cannot be a file name"));
}

TEST_F(TransfersTest, TheContextCdTakesNoFilesOfRestrictedDirectories) {
  make_file("fe/hidden/secret", "s");
  make_file("fe/hidden/open/free", "f");
  fs::create_symlink(dir / "fe/hidden/secret", dir / "fe/innocent");
  const std::string line = "CONTEXT ssh /none/context.sh N1:/100/5/disk.1 5 100\n";
  const auto with_file = [&](const std::string& file) {
    return run(line, "", {{"context", "A='1'\n"}, {"files", dir / file}});
  };
  EXPECT_THAT(with_file("fe/hidden/secret"), HasSubstr("not allowed"));
  EXPECT_THAT(with_file("fe/innocent"), HasSubstr("not allowed"));
  EXPECT_THAT(with_file("fe/hidden/open/../secret"), HasSubstr("not allowed"));
  EXPECT_EQ(with_file("fe/hidden/open/free"), "ok");
}

TEST_F(TransfersTest, ADirectoryMovesBetweenNodesAndIsThereOnce) {
  make_file("n1/100/5/disk.0.snap/0", "data");
  fs::create_symlink("disk.0.snap/0", dir / "n1/100/5/disk.0");
  make_file("n2/100/5/disk.0", "left from long ago");
  const std::string lines =
      "MV ssh N1:/100/5/disk.0 N2:/100/5/disk.0 5 1\nMV ssh N1:/100/5 N2:/100/5 5 100\n";
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(run(lines), "ok");
    EXPECT_EQ(contents(dir / "n2/100/5/disk.0"), "data");
    EXPECT_EQ(tree("n2/100/5"), "./disk.0\n./disk.0.snap\n./disk.0.snap/0\n");
    EXPECT_FALSE(fs::exists(dir / "n1/100/5"));
  }
  ASSERT_EQ(run("MV ssh N2:/100/5 FE:/100/5 5 100\n"), "ok");
  EXPECT_EQ(contents(dir / "fe/100/5/disk.0"), "data");
}

TEST_F(TransfersTest, ADirectoryThatIsNowhereCannotBeMoved) {
  EXPECT_THAT(run("MV ssh N1:/100/5 N2:/100/5 5 100\n"), HasSubstr("there is no"));
  EXPECT_THAT(run("MV shared N1:/100/5 N2:/101/5 5 100\n"), HasSubstr("there is no"));
}

TEST_F(TransfersTest, NodesThatSeeOneStorageMoveNothing) {
  make_file("n1/100/5/disk.0", "data");
  std::string same =
      "MV ssh N1:/100/5 OTHER:/100/5 5 100\nPREMIGRATE ssh A B N1/100/5 5 100\n"
      "POSTMIGRATE ssh A B N1/100/5 5 100\n";
  replace(same, "OTHER:", std::string(node2) + ":" + (dir / "n1"));
  replace(same, " A B ", std::string(" ") + node1 + " " + node2 + " ");
  ASSERT_EQ(run(same), "ok");
  EXPECT_EQ(tree("n1/100/5"), "./disk.0\n");
}

TEST_F(TransfersTest, SharedMovesADirectoryToAnotherDatastoreByName) {
  make_file("n1/100/5/disk.0", "data");
  for (int round = 0; round < 2; ++round)
    ASSERT_EQ(run("MV shared N1:/100/5 N1:/101/5 5 101\n"), "ok");
  EXPECT_EQ(contents(dir / "n1/101/5/disk.0"), "data");
  EXPECT_FALSE(fs::exists(dir / "n1/100/5"));
}

TEST_F(TransfersTest, FilesOfALostNodeAreNotLookedFor) {
  EXPECT_EQ(
      run("MV ssh gone.invalid:/ds/100/5 N2:/100/5 5 100\n", "<VM><LCM_STATE>60</LCM_STATE></VM>"),
      "ok");
}

TEST_F(TransfersTest, DisksAreCopiedIntoNewImages) {
  shell("qemu-img create -q -f qcow2 " + (dir / "fe/1/base") + " 10M");
  const std::string vm = disk("<FORMAT>qcow2</FORMAT>");
  ASSERT_EQ(run("CLONE local FE:/1/base N1:/100/5/disk.0 5 1\n"
                "CPDS local N1:/100/5/disk.0 FE/1/new -1 5 1\n",
                vm),
            "ok");
  EXPECT_THAT(shell("qemu-img info " + (dir / "fe/1/new")), HasSubstr("file format: qcow2"));
  fs::copy(dir / "fe/1", dir / "n1/1");
  ASSERT_EQ(run("CPDS shared N1:/100/5/disk.0 N1/1/new2 -1 5 1\n", vm), "ok");
  EXPECT_TRUE(fs::exists(dir / "n1/1/new2"));
  EXPECT_THAT(
      run("CPDS shared N1:/100/5/disk.0 N1/1/new3 -1 5 1\n", "<VM><LCM_STATE>26</LCM_STATE></VM>"),
      HasSubstr("running"));
}

TEST_F(TransfersTest, DeletingWhatIsNotThereIsFine) {
  EXPECT_EQ(run("DELETE ssh N1:/100/5/disk.0 5 1\nDELETE shared N1:/100/5 5 100\n"), "ok");
}

TEST_F(TransfersTest, LinesThatReachBeyondTheVmAreRefused) {
  make_file("n1/100/6/disk.0", "of another");
  for (const char* line :
       {"DELETE ssh N1:/100/6/disk.0 5 1", "DELETE shared N1:/100 5 100",
        "DELETE shared N1:/100/5/../6 5 100", "MV shared N1:/100/6 N1:/101/6 5 1"})
    EXPECT_THAT(run(line), ::testing::Not("ok")) << line;
  EXPECT_EQ(contents(dir / "n1/100/6/disk.0"), "of another");
}

TEST_F(TransfersTest, ShellTextInALineStaysText) {
  make_file("n1/1/$(touch${IFS}x)';id;'", "image");
  ASSERT_EQ(run("CLONE shared FE:/1/$(touch${IFS}x)';id;' N1:/100/5/disk.0 5 1\n", disk("")), "ok");
  EXPECT_EQ(contents(dir / "n1/100/5/disk.0"), "image");
}

TEST_F(TransfersTest, TheFirstFailureEndsTheLines) {
  const std::string error =
      run("MKIMAGE shared 1 raw N1:/100/5/disk.0 5 100\nMKIMAGE shared 1 nonsense N1:/100/5/disk.1 "
          "5 100\n"
          "MKIMAGE shared 1 raw N1:/100/5/disk.2 5 100\n");
  EXPECT_THAT(error, HasSubstr("nonsense"));
  EXPECT_THAT(error, HasSubstr("(in MKIMAGE " + std::string(node1)));
  EXPECT_TRUE(fs::exists(dir / "n1/100/5/disk.0"));
  EXPECT_FALSE(fs::exists(dir / "n1/100/5/disk.2"));
}

// The connection dies at some point of a copy that takes a while; asked again there is one copy.
TEST_F(TransfersTest, ACopyThatWasCutIsWholeAfterTheNextTime) {
  shell("head -c 40000000 /dev/urandom > " + (dir / "fe/1/img"));
  const std::string target = dir / "n1/100/5/disk.0";
  const std::string line = "CLONE ssh FE:/1/img N1:/100/5/disk.0 5 1\n";
  std::jthread cutter([this, &target] {
    const SteadyTime until = clock.steady() + std::chrono::seconds(20);
    while (!fs::exists(target + ".part/img") && clock.steady() < until) std::this_thread::yield();
    sshd.cut_connections();
  });
  const std::string first = run(line, disk(""));
  cutter.join();
  EXPECT_TRUE(first == "ok" || !fs::exists(target)) << first;
  ASSERT_EQ(run(line, disk("")), "ok");
  EXPECT_EQ(shell("cmp " + (dir / "fe/1/img") + " " + target), "");
  EXPECT_EQ(tree("n1/100/5"), "./disk.0\n");
}

// oned and its drivers are killed in the middle of a copy, and ask again when they are back.
class KilledTransfer : public TransfersTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(KilledTransfer, IsWholeAndThereOnceAfterTheNextTime) {
  shell("head -c 40000000 /dev/urandom > " + (dir / "fe/1/img") + "; mkdir " + (dir / "n1/1") +
        "; cp " + (dir / "fe/1/img") + " " + (dir / "n1/1"));
  const std::string program = NUBO_BUILD_DIR "/lib/nubo/drivers/tm";
  const std::string target = dir / "n1/100/5/disk.0";
  const driver::Request request{.action = "run",
                                .object = {"vm", 5},
                                .node = node1,
                                .args = {{"lines", filled_in(GetParam())}, {"vm", disk("")}}};
  {
    test::DriverUnderTest killed(program, sshd.values());
    killed.start(request);
    const SteadyTime until = clock.steady() + std::chrono::seconds(20);
    while (!fs::exists(target + ".part") && clock.steady() < until) std::this_thread::yield();
  }
  test::DriverUnderTest again(program, sshd.values());
  const driver::Answer answer = again.ask(request);
  ASSERT_TRUE(answer.ok) << answer.error;
  EXPECT_EQ(shell("cmp " + (dir / "fe/1/img") + " " + target), "");
  EXPECT_EQ(tree("n1/100/5"), "./disk.0\n");
}

INSTANTIATE_TEST_SUITE_P(Tm, KilledTransfer,
                         ::testing::Values("CLONE shared FE:/1/img N1:/100/5/disk.0 5 1",
                                           "CLONE ssh FE:/1/img N1:/100/5/disk.0 5 1"));

TEST_F(TransfersTest, ProbeTellsWhatIsThere) {
  make_file("n1/100/5/disk.0", "");
  make_file("fe/100/5/a b", "");
  driver::Context context({}, clock);
  const std::string there = fmt::format("{}:{}\n", node1, dir / "n1/100/5/disk.0");
  const std::string here = fmt::format("frontend:{}\n", dir / "fe/100/5/a b");
  const std::string absent = fmt::format("{}:{}\n", node2, dir / "n1/100/5/disk.1");
  const auto found =
      transfers.probe({.action = "probe", .args = {{"paths", there + absent + here}}}, context);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->at("present"), there + here);
}

TEST_F(TransfersTest, MonitorTellsTheRoomOfASharedDatastore) {
  driver::Context context({}, clock);
  const std::string datastore = fmt::format(
      "<DATASTORE><ID>100</ID><TM_MAD>shared</TM_MAD><BASE_PATH>{}</BASE_PATH></DATASTORE>",
      dir / "fe/100");
  const auto room =
      transfers.monitor({.action = "monitor", .args = {{"datastore", datastore}}}, context);
  ASSERT_TRUE(room) << room.error().message;
  EXPECT_GT(std::stol(room->at("total_mb")), 0);
}

TEST_F(TransfersTest, ScriptsOfAddOnsGetTheLineAsOpenNebulaGivesIt) {
  const auto script = [this](const std::string& name, const std::string& text) {
    make_file("remotes/tm/" + name, "#!/bin/sh\n" + text);
    fs::permissions(dir / "remotes/tm/" + name, fs::perms::owner_all);
  };
  script("mine/clone", "printf '%s|' clone \"$@\" >> " + (dir / "log"));
  script("mine/clone.ssh", "printf '%s|' clone.ssh \"$@\" >> " + (dir / "log"));
  script("mine/premigrate", "{ printf '%s|' pre \"$@\"; base64 -d; } >> " + (dir / "log"));
  script("mine/delete", "echo INFO: said >&2; echo it is busy >&2; exit 1");
  ASSERT_EQ(run("CLONE mine a:b n:/c 5 1\nCLONE.ssh mine x n:/c 5 1\nCLONE.ceph mine y n:/c 5 1\n"),
            "ok");
  EXPECT_EQ(contents(dir / "log"), "clone|a:b|n:/c|5|1|clone.ssh|x|n:/c|5|1|clone|y|n:/c|5|1|");
  fs::remove(dir / "log");
  const std::string vm = "<VM><TEMPLATE><DISK><TM_MAD>mine</TM_MAD></DISK></TEMPLATE></VM>";
  ASSERT_EQ(run("PREMIGRATE shared one two N1/100/5 5 100\n", vm), "ok");
  EXPECT_EQ(contents(dir / "log"),
            fmt::format("pre|one|two|{}|5|100|shared|{}", dir / "n1/100/5", vm));
  EXPECT_EQ(run("DELETE mine n:/c 5 1\n"), "it is busy");
  EXPECT_THAT(run("DELETE other n:/c 5 1\n"), HasSubstr("'other' not available"));
}

}  // namespace

}  // namespace nubo::tm
