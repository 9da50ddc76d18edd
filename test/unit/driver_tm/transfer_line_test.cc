// SPDX-License-Identifier: Apache-2.0
#include "tm/transfer_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "text/trim.h"

namespace nubo::tm {

namespace {

using ::testing::ElementsAre;

TEST(TransferLine, HasAVerbASystemAndArguments) {
  const auto lines = parse_lines(
      "# prolog\n\n CLONE.ssh qcow2 frontend:/ds/106/img2 kvm02:/ds/100/5/disk.1 5 106 \n");
  ASSERT_TRUE(lines) << lines.error().message;
  ASSERT_EQ(lines->size(), 1U);
  const TransferLine& line = lines->front();
  EXPECT_EQ(line.verb, "CLONE");
  EXPECT_EQ(line.system, "ssh");
  EXPECT_EQ(line.tm, "qcow2");
  EXPECT_THAT(line.args,
              ElementsAre("frontend:/ds/106/img2", "kvm02:/ds/100/5/disk.1", "5", "106"));
  EXPECT_EQ(line.arg(-1), "106");
  EXPECT_EQ(line.name(), "CLONE kvm02:/ds/100/5/disk.1");
}

TEST(TransferLine, ThatIsNoneIsRefused) {
  for (const char* text : {"CLONE", "../x tm a", "CLONE ../ssh a b c d", "CLONE.s/h ssh a b c d",
                           "CLONE ssh a b c", "MKIMAGE ssh 1 raw n:/1/2/disk.0 2"})
    EXPECT_FALSE(parse_lines(text)) << text;
}

TEST(Place, IsANodeAndACleanPath) {
  EXPECT_EQ(parse_place("n:/var/lib/one//datastores/1/")->path, "/var/lib/one/datastores/1");
  EXPECT_EQ(parse_place(":/a")->node, "");
  for (const char* text : {"", "n", "/a", "n:a", "n:/a/../b", "n:"})
    EXPECT_FALSE(parse_place(text)) << text;
}

TEST(Place, OfAVmIsInItsDirectoryOnly) {
  EXPECT_TRUE(parse_vm_place("n:/ds/101/364", "364"));
  EXPECT_TRUE(parse_vm_place("n:/ds/101/364/disk.0", "364"));
  for (const char* text : {"n:/ds/101", "n:/", "n:/364", "n:/ds/101/365/disk.0", "n:/ds/x/364",
                           "n:/ds/101/364/a/b", "n:/ds/101/364/../../102"})
    EXPECT_FALSE(parse_vm_place(text, "364")) << text;
  EXPECT_FALSE(parse_vm_place("n:/ds/101/x", "x"));
}

TEST(Place, TellsDisksFromOtherFiles) {
  EXPECT_EQ(disk_id_of("/ds/1/2/disk.13"), 13);
  EXPECT_EQ(disk_id_of("/ds/1/2/kernel"), -1);
  EXPECT_EQ(disk_id_of("/ds/1/2"), -1);
}

TEST(Place, OfAnImageIsWhereTheNodeSeesItsDatastore) {
  EXPECT_EQ(on_root_of("/mnt/ds/100/5/disk.0", "/var/lib/one/datastores/1/abc"), "/mnt/ds/1/abc");
  EXPECT_EQ(on_root_of("/mnt/ds/100/5/disk.0", "/images/abc"), "/images/abc");
}

// Whole lives of VMs, as OpenNebula's core writes them.
TEST(TransferLine, OfOpenNebulaAllParse) {
  int parsed = 0;
  for (const auto& file : std::filesystem::directory_iterator(NUBO_TEST_DATA "/transfer")) {
    std::ifstream in(file.path());
    for (std::string text; std::getline(in, text);) {
      const std::string_view line = trimmed(text);
      if (line.find(":/var/lib/one/") == line.npos || !std::isupper(line.front()) ||
          line.starts_with("VMM"))
        continue;
      EXPECT_TRUE(parse_lines(line)) << line;
      ++parsed;
    }
  }
  EXPECT_GT(parsed, 20);
}

}  // namespace

}  // namespace nubo::tm
