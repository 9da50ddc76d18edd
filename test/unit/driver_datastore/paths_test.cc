// SPDX-License-Identifier: Apache-2.0
#include "datastore/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/loopback_sshd.h"

namespace nubo::datastore {

namespace {

namespace fs = std::filesystem;

class AllowedFile : public ::testing::Test {
 protected:
  AllowedFile() {
    for (const char* name : {"safe", "safety", "secret"}) {
      fs::create_directories(dir / name);
      std::ofstream(dir / name + "/file") << name;
    }
    fs::create_symlink(dir / "secret/file", dir / "safe/link");
    fs::create_symlink(dir / "safe/file", dir / "secret/link");
    datastore.safe_dirs = {dir / "safe"};
    datastore.restricted_dirs = {"/"};
  }

  bool is_allowed(const std::string& path) {
    return allowed_file(path, datastore, {dir / "secret"}).has_value();
  }

  testing::TempDir dir;
  DatastoreFacts datastore;
};

TEST_F(AllowedFile, IsBelowASafeDirectory) {
  EXPECT_TRUE(is_allowed(dir / "safe/file"));
  EXPECT_TRUE(is_allowed("file://" + (dir / "safe/file")));
  EXPECT_FALSE(is_allowed(dir / "safety/file"));
  EXPECT_FALSE(is_allowed(dir / "secret/file"));
}

TEST_F(AllowedFile, IsJudgedByWhereItsLinksLead) {
  EXPECT_FALSE(is_allowed(dir / "safe/link"));
  EXPECT_FALSE(is_allowed(dir / "safe/../secret/file"));
  EXPECT_TRUE(is_allowed(dir / "secret/link"));
}

TEST_F(AllowedFile, MayBeAnywhereElseWhenOnlySomeDirectoriesAreRestricted) {
  datastore.restricted_dirs = {dir / "safety"};
  datastore.safe_dirs = {};
  EXPECT_TRUE(is_allowed(dir / "safe/file"));
  EXPECT_FALSE(is_allowed(dir / "safety/file"));
  EXPECT_FALSE(is_allowed(dir / "secret/file"));
}

TEST_F(AllowedFile, IsARegularFileWithAFullPath) {
  EXPECT_FALSE(is_allowed(dir / "safe"));
  EXPECT_FALSE(is_allowed(dir / "safe/none"));
  EXPECT_FALSE(is_allowed("safe/file"));
  EXPECT_FALSE(is_allowed("ftp://host/file"));
  EXPECT_FALSE(is_allowed("/dev/null"));
}

TEST(FileOf, IsRightInTheDirectoryOfItsDatastore) {
  const DatastoreFacts datastore{.base_path = "/ds/1"};
  EXPECT_EQ(file_of(datastore, "/ds//1/abc").value(), "/ds/1/abc");
  for (const char* source : {"", "/", "/ds/1", "/ds/1/", "/ds/1/..", "/ds/1/../2/x", "/ds/1/a/b",
                             "/ds/2/abc", "abc", "/ds/1/."})
    EXPECT_FALSE(file_of(datastore, source)) << source;
  EXPECT_FALSE(file_of({.base_path = ""}, "/abc"));
  EXPECT_FALSE(file_of({.base_path = "/"}, "/abc"));
  EXPECT_TRUE(file_beside(datastore, "/ds/2/abc"));
  EXPECT_FALSE(file_beside(datastore, "/etc/2/abc"));
  EXPECT_FALSE(file_beside(datastore, "/ds/x/abc"));
}

}  // namespace

}  // namespace nubo::datastore
