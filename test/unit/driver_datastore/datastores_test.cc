// SPDX-License-Identifier: Apache-2.0
// Datastores of files on the front-end and, by a real sshd, on a node of a BRIDGE_LIST.
#include "datastore/datastores.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "contract/driver_under_test.h"
#include "support/loopback_sshd.h"

namespace nubo::datastore {

namespace {

namespace fs = std::filesystem;
using driver::Values;
using ::testing::HasSubstr;

class DatastoresTest : public ::testing::Test {
 protected:
  DatastoresTest() {
    Values settings = sshd.values();
    settings["REMOTES"] = dir / "remotes";
    settings["LEGACY_ARGS"] = "old other";
    EXPECT_TRUE(datastores.configure(settings));
    fs::create_directories(dir / "in");
  }

  std::string datastore(const std::string& attributes = "",
                        const std::string& fields = "<DS_MAD>fs</DS_MAD>") const {
    return fmt::format(
        "<DATASTORE><ID>1</ID>{}<BASE_PATH>{}//ds/1/</BASE_PATH><TEMPLATE><SAFE_DIRS>{}</SAFE_DIRS>"
        "<RESTRICTED_DIRS>/</RESTRICTED_DIRS>{}</TEMPLATE></DATASTORE>",
        fields, dir.path(), dir / "in", attributes);
  }

  std::string image(const std::string& fields, int id = 7) const {
    return fmt::format("<IMAGE><ID>{}</ID><REGTIME>1700000000</REGTIME>{}</IMAGE>", id, fields);
  }

  std::string from(const std::string& name, const std::string& more = "") const {
    return image("<PATH>" + (dir / "in/" + name) + "</PATH>" + more);
  }

  Result<Values> ask(const std::string& action, const std::string& image_document,
                     const std::string& datastore_document) {
    driver::Context context({.deadline = clock.steady() + std::chrono::seconds(60)}, clock);
    return datastores.run({.action = action,
                           .object = {"image", 7},
                           .args = {{"image", image_document}, {"datastore", datastore_document}}},
                          context);
  }

  std::string error_of(const std::string& action, const std::string& image_document,
                       const std::string& datastore_document) {
    const auto result = ask(action, image_document, datastore_document);
    return result ? "ok" : result.error().message;
  }

  std::string shell(const std::string& script) const {
    const driver::Context context({}, clock);
    const auto said = driver::run_script(
        {.argv = {"/bin/sh", "-c", "cd " + dir.path() + "/in; " + script}}, context);
    return said ? *said : "failed: " + said.error().message;
  }

  static std::string contents(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  int files_in_store() const {
    return static_cast<int>(std::distance(fs::directory_iterator(dir / "ds/1"), {}));
  }

  const SystemClock clock;
  testing::LoopbackSshd sshd;
  testing::TempDir dir;
  Datastores datastores;
};

TEST_F(DatastoresTest, CopyingTwiceGivesOneImage) {
  shell("printf %s image > raw.img");
  const auto first = ask("cp", from("raw.img"), datastore());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->at("format"), "raw");
  EXPECT_EQ(contents(first->at("source")), "image");
  EXPECT_EQ(fs::path(first->at("source")).parent_path(), dir / "ds/1");
  EXPECT_EQ(ask("cp", from("raw.img"), datastore()).value(), *first);
  EXPECT_EQ(files_in_store(), 1);
}

TEST_F(DatastoresTest, ImagesOfOtherTimesAndIdsHaveOtherNames) {
  shell("printf %s image > raw.img");
  const std::string path = "<PATH>" + (dir / "in/raw.img") + "</PATH>";
  const auto one = ask("cp", image(path), datastore());
  const auto other = ask("cp", image(path, 8), datastore());
  EXPECT_NE(one->at("source"), other->at("source"));
}

TEST_F(DatastoresTest, PackedImagesAreUnpackedUnlessTheyAreToStay) {
  shell("head -c 3000000 /dev/zero > a; for p in gzip bzip2 xz; do $p -k a; done");
  int id = 10;
  for (const char* name : {"a.gz", "a.bz2", "a.xz"}) {
    const std::string path = fmt::format("<PATH>{}</PATH>", dir / "in/" + name);
    const auto size = ask("stat", image(path), datastore());
    EXPECT_EQ(size->at("size_mb"), "3") << name;
    const auto copy = ask("cp", image(path, ++id), datastore());
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ(fs::file_size(copy->at("source")), 3'000'000U) << name;
    const auto as_it_is =
        ask("cp", image(path, ++id), datastore("<NO_DECOMPRESS>yes</NO_DECOMPRESS>"));
    EXPECT_EQ(fs::file_size(as_it_is->at("source")), fs::file_size(dir / "in/" + name));
  }
  EXPECT_LT(std::stol(shell("du -k ../ds/1 | cut -f1")), 500);  // zeros take no room
}

TEST_F(DatastoresTest, ABrokenPackedImageIsAnErrorAndLeavesNothing) {
  shell("head -c 300000 /dev/urandom | gzip | head -c 100000 > a.gz");
  EXPECT_NE(error_of("cp", from("a.gz"), datastore()), "ok");
  EXPECT_EQ(files_in_store(), 0);
}

TEST_F(DatastoresTest, FilesForKernelsAndContextsStayAsTheyAre) {
  shell("printf x > a; gzip a");
  const auto copy = ask("cp", from("a.gz"), datastore("", "<TYPE>2</TYPE><DS_MAD>fs</DS_MAD>"));
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(contents(copy->at("source")), contents(dir / "in/a.gz"));
}

TEST_F(DatastoresTest, ChecksumsAreChecked) {
  shell("printf %s image > raw.img");
  const auto with = [this](const std::string& attribute) {
    return from("raw.img", "<TEMPLATE>" + attribute + "</TEMPLATE>");
  };
  EXPECT_THAT(error_of("cp", with("<MD5>0123</MD5>"), datastore()), HasSubstr("md5sum"));
  EXPECT_THAT(error_of("cp", with("<SHA1>$(id)</SHA1>"), datastore()), HasSubstr("no checksum"));
  EXPECT_EQ(files_in_store(), 0);
  const std::string md5 = shell("md5sum < raw.img | cut -c1-32 | tr -d '\\n'");
  EXPECT_EQ(error_of("cp", with("<MD5>" + md5 + "</MD5>"), datastore()), "ok");
}

TEST_F(DatastoresTest, TheFormatIsFoundAndMadeWhatTheDatastoreWants) {
  shell("qemu-img create -q -f qcow2 a.qcow2 10M; qemu-img create -q -f vdi a.vdi 10M");
  EXPECT_EQ(ask("cp", from("a.qcow2"), datastore())->at("format"), "qcow2");
  const std::string vdi = "<PATH>" + (dir / "in/a.vdi") + "</PATH>";
  EXPECT_EQ(ask("cp", image(vdi, 8), datastore())->at("format"), "qcow2");
  const auto raw = ask("cp", image(vdi, 9), datastore("<DRIVER>raw</DRIVER>"));
  EXPECT_EQ(raw->at("format"), "raw");
  EXPECT_EQ(fs::file_size(raw->at("source")), 10U << 20U);
  EXPECT_EQ(ask("stat", from("a.qcow2"), datastore())->at("size_mb"), "10");
}

TEST_F(DatastoresTest, ImagesThatReachForOtherFilesAreRefused) {
  shell(
      "printf secret > s; qemu-img create -q -f qcow2 -F raw -b $PWD/s a.qcow2;"
      "printf '# Disk DescriptorFile\\n' > a.vmdk;"
      "qemu-img create -q -f qcow2 -o data_file=$PWD/data b.qcow2 1M");
  for (const char* name : {"a.qcow2", "a.vmdk", "b.qcow2"})
    EXPECT_NE(error_of("cp", from(name), datastore()), "ok") << name;
  EXPECT_EQ(files_in_store(), 0);
}

TEST_F(DatastoresTest, FilesThatAreNotAllowedAreNotCopiedNorMeasured) {
  for (const char* action : {"cp", "stat"})
    EXPECT_THAT(error_of(action, image("<PATH>/etc/passwd</PATH>"), datastore()),
                HasSubstr("not allowed to copy image file /etc/passwd"));
}

TEST_F(DatastoresTest, EmptyImagesAreMadeWithTheirFileSystem) {
  const std::string wish = image("<SIZE>16</SIZE><FORMAT>raw</FORMAT><FS>ext4</FS>");
  const auto made = ask("mkfs", wish, datastore());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(ask("mkfs", wish, datastore()).value(), *made);
  EXPECT_EQ(fs::file_size(made->at("source")), 16U << 20U);
  EXPECT_THAT(shell("blkid -p " + made->at("source")), HasSubstr("ext4"));
  const auto qcow2 = ask("mkfs", image("<SIZE>16</SIZE><FORMAT>qcow2</FORMAT>", 8), datastore());
  EXPECT_EQ(qcow2->at("format"), "qcow2");
  EXPECT_EQ(files_in_store(), 2);
}

TEST_F(DatastoresTest, AnImageToBeSavedIntoGetsOnlyAName) {
  const auto made = ask("mkfs", image("<FORMAT>save_as</FORMAT>"), datastore());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_FALSE(fs::exists(made->at("source")));
}

TEST_F(DatastoresTest, WishesThatMakeNoImageAreRefused) {
  for (const char* fields :
       {"<SIZE>0</SIZE>", "<SIZE>x</SIZE>", "<SIZE>1</SIZE><FORMAT>exe</FORMAT>",
        "<SIZE>1</SIZE><FS>none;id</FS>"})
    EXPECT_NE(error_of("mkfs", image(fields), datastore()), "ok") << fields;
}

TEST_F(DatastoresTest, ACloneIsACopyOfItsOwn) {
  shell("printf %s image > raw.img");
  const auto origin = ask("cp", from("raw.img"), datastore());
  const std::string wish = image("<PATH>" + origin->at("source") + "</PATH>", 9);
  const auto clone = ask("clone", wish, datastore());
  ASSERT_TRUE(clone) << clone.error().message;
  EXPECT_NE(clone->at("source"), origin->at("source"));
  EXPECT_EQ(contents(clone->at("source")), "image");
  EXPECT_EQ(ask("clone", wish, datastore()).value(), *clone);
  EXPECT_NE(error_of("clone", image("<PATH>/etc/passwd</PATH>", 10), datastore()), "ok");
}

TEST_F(DatastoresTest, RemovingTakesTheImageAndNothingElse) {
  shell("printf %s image > raw.img");
  const auto copy = ask("cp", from("raw.img"), datastore());
  const std::string it = image("<SOURCE>" + copy->at("source") + "</SOURCE>");
  for (int round = 0; round < 2; ++round) EXPECT_EQ(error_of("rm", it, datastore()), "ok");
  EXPECT_EQ(files_in_store(), 0);
  for (const std::string& source : {dir / "in/raw.img", (dir / "ds/1") + "/../../in/raw.img"})
    EXPECT_NE(error_of("rm", image("<SOURCE>" + source + "</SOURCE>"), datastore()), "ok");
  EXPECT_TRUE(fs::exists(dir / "in/raw.img"));
  EXPECT_EQ(error_of("rm", image(""), datastore()), "ok");
}

TEST_F(DatastoresTest, ANodeOfTheBridgeListDoesTheWork) {
  shell("head -c 3000000 /dev/urandom > a; gzip -k a");
  const std::string bridged = datastore("<BRIDGE_LIST>127.0.0.1 127.0.0.2</BRIDGE_LIST>");
  const auto copy = ask("cp", from("a.gz"), bridged);
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(sshd.connections(), 1);
  EXPECT_EQ(shell("cmp a " + copy->at("source")), "");
  EXPECT_EQ(ask("monitor", "", bridged)->size(), 3U);
  EXPECT_EQ(error_of("rm", image("<SOURCE>" + copy->at("source") + "</SOURCE>"), bridged), "ok");
  EXPECT_EQ(files_in_store(), 0);
}

TEST_F(DatastoresTest, ACopyThatWasCutIsWholeAfterTheNextTime) {
  shell("head -c 40000000 /dev/urandom > a");
  const std::string bridged = datastore("<BRIDGE_LIST>127.0.0.1</BRIDGE_LIST>");
  std::jthread cutter([this] {
    const SteadyTime until = clock.steady() + std::chrono::seconds(20);
    const auto has_begun = [this] {
      std::error_code ignored;
      for (const auto& entry : fs::recursive_directory_iterator(dir / "ds", ignored))
        if (entry.path().filename() == "image") return true;
      return false;
    };
    while (!has_begun() && clock.steady() < until) std::this_thread::yield();
    sshd.cut_connections();
  });
  (void)ask("cp", from("a"), bridged);
  cutter.join();
  const auto copy = ask("cp", from("a"), bridged);
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(shell("cmp a " + copy->at("source")), "");
  EXPECT_EQ(files_in_store(), 1);
}

// Serves a directory on a port of loopback until it goes.
class WebServer {
 public:
  explicit WebServer(const std::string& directory)
      : child_(driver::spawn({"/usr/bin/python3", "-u", "-m", "http.server", "--bind", "127.0.0.1",
                              "--directory", directory, "0"})
                   .value()) {
    std::string said;
    pollfd ready{child_.output.get(), POLLIN, 0};
    while (said.find(" port ") == said.npos || said.back() != '\n') {
      std::array<char, 256> bytes{};
      if (::poll(&ready, 1, 10'000) <= 0) return;
      const ssize_t got = ::read(ready.fd, bytes.data(), bytes.size());
      if (got <= 0) return;
      said.append(bytes.data(), static_cast<std::size_t>(got));
    }
    port_ = std::stoi(said.substr(said.find(" port ") + 6));
  }

  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  ~WebServer() {
    ::kill(child_.pid, SIGKILL);
    ::waitpid(child_.pid, nullptr, 0);
  }

  std::string address(const std::string& name) const {
    return fmt::format("http://127.0.0.1:{}/{}", port_, name);
  }

 private:
  driver::Child child_;
  int port_ = 0;
};

TEST_F(DatastoresTest, ImagesComeFromTheWeb) {
  shell("head -c 3000000 /dev/zero > a; gzip -k a; qemu-img create -q -f qcow2 a.qcow2 50M");
  const WebServer web(dir / "in");
  const auto at = [&web](const std::string& name) {
    return "<PATH>" + web.address(name) + "</PATH>";
  };
  EXPECT_EQ(ask("stat", image(at("a")), datastore())->at("size_mb"), "3");
  EXPECT_EQ(ask("stat", image(at("a.qcow2")), datastore())->at("size_mb"), "50");
  const auto copy =
      ask("cp", image(at("a.gz")), datastore("<LIMIT_TRANSFER_BW>9M</LIMIT_TRANSFER_BW>"));
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(fs::file_size(copy->at("source")), 3'000'000U);
  EXPECT_THAT(error_of("cp", image(at("none"), 8), datastore()), HasSubstr("404"));
  EXPECT_EQ(files_in_store(), 1);
}

TEST_F(DatastoresTest, ACopyWhoseDriverWasKilledIsThereOnceAfterTheNextTime) {
  shell("head -c 40000000 /dev/urandom | gzip -1 > a.gz");
  const std::string program = NUBO_BUILD_DIR "/lib/nubo/drivers/datastore";
  const driver::Request request{.action = "cp",
                                .object = {"image", 7},
                                .args = {{"image", from("a.gz")}, {"datastore", datastore()}}};
  {
    test::DriverUnderTest killed(program, sshd.values());
    killed.start(request);
    const SteadyTime until = clock.steady() + std::chrono::seconds(20);
    while (!fs::exists(dir / "ds/1") && clock.steady() < until) std::this_thread::yield();
  }
  test::DriverUnderTest again(program, sshd.values());
  const driver::Answer answer = again.ask(request);
  ASSERT_TRUE(answer.ok) << answer.error;
  EXPECT_EQ(shell("gzip -dc a.gz | cmp - " + answer.data.at("source")), "");
  EXPECT_EQ(files_in_store(), 1);
}

TEST_F(DatastoresTest, ScriptsOfAddOnsGetTheirDataInBothWays) {
  const auto script = [this](const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(dir / "remotes/" + name).parent_path());
    std::ofstream(dir / "remotes/" + name) << "#!/bin/sh\n" << text;
    fs::permissions(dir / "remotes/" + name, fs::perms::owner_all);
  };
  script("datastore/new/cp",
         "[ $# = 1 ] || exit 1; base64 -d >" + (dir / "data") + "; echo src-$1 raw");
  script("datastore/old/cp",
         "echo \"$1\" | base64 -d >" + (dir / "data") + "; cat >&2; echo src-$2 raw");
  const std::string it = image("");
  for (const std::string name : {"new", "old"}) {
    const std::string store = datastore("", "<DS_MAD>" + name + "</DS_MAD>");
    const auto copy = ask("cp", it, store);
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_EQ(copy->at("source"), "src-7");
    EXPECT_EQ(contents(dir / "data"),
              "<DS_DRIVER_ACTION_DATA>" + it + store + "</DS_DRIVER_ACTION_DATA>");
    fs::remove(dir / "data");
  }
  script("tm/mine/monitor", "echo USED_MB=1 FREE_MB=2 TOTAL_MB=3");
  const auto room = ask("monitor", "", datastore("", "<TYPE>1</TYPE><TM_MAD>mine</TM_MAD>"));
  EXPECT_EQ(room->at("free_mb"), "2");
  for (const char* bad : {"none", "../x", ""})
    EXPECT_THAT(error_of("cp", it, datastore("", fmt::format("<DS_MAD>{}</DS_MAD>", bad))),
                HasSubstr("not available"));
}

}  // namespace

}  // namespace nubo::datastore
