// SPDX-License-Identifier: Apache-2.0
#include "daemon/credentials.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace nubo {
namespace {

TEST(Credentials, ComeFromTheFileThatOneAuthNames) {
  const test::TempDir folder;
  const std::string path = folder.file("one_auth");
  ::setenv("ONE_AUTH", path.c_str(), 1);
  EXPECT_FALSE(read_credentials({}));
  for (const char* bad : {"nothing", "name:", ":word", "serveradmin:x"}) {
    std::ofstream(path) << bad << "\n";
    EXPECT_FALSE(read_credentials({})) << bad;
  }
  std::ofstream(path) << "oneadmin:se:cret \n";
  const auto credentials = read_credentials({});
  ::unsetenv("ONE_AUTH");
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->admin_name, "oneadmin");
  EXPECT_EQ(credentials->admin_password, "se:cret");
  EXPECT_EQ(credentials->server_secret.size(), 64U);
}

TEST(Credentials, OfTheServerAreForOneadminAlone) {
  const test::TempDir folder;
  Locations locations;
  locations.var = folder.file(".");
  ASSERT_TRUE(write_server_credentials(locations, "abc"));
  ASSERT_TRUE(write_server_credentials(locations, "def"));
  std::string line;
  std::ifstream(folder.file(".one/onegate_auth")) >> line;
  EXPECT_EQ(line, "serveradmin:def");

  struct stat status {};

  ASSERT_EQ(::stat(folder.file(".one/onegate_auth").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Credentials, TheMasterKeyIsMadeOnceAndPrivate) {
  const test::TempDir folder;
  Locations locations;
  locations.var = folder.file(".");
  const auto made = master_key(locations);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->size(), 64U);
  EXPECT_EQ(*master_key(locations), *made);

  struct stat status {};

  const std::string path = folder.file(".one/one_key");
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  std::ofstream(path) << "short";
  EXPECT_FALSE(master_key(locations));
}

}  // namespace
}  // namespace nubo
