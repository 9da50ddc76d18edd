// SPDX-License-Identifier: Apache-2.0
// What every datastore driver and every transfer driver keeps (docs/driver-protocol.md).
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/numbers.h"
#include "contract/driver_under_test.h"

namespace nubo::test {

inline bool is_size(const driver::Values& values, const char* name) {
  const auto found = values.find(name);
  return found != values.end() && parse_number<long>(found->second).value_or(-1) >= 0;
}

struct DatastoreSubject {
  std::string program;
  driver::Values settings;
  std::string datastore;    // DATASTORE document of an image datastore
  std::string image;        // IMAGE document whose PATH can be copied
  std::string empty_image;  // IMAGE document of a datablock with SIZE and FORMAT
  // The document of an image that was made, with that SOURCE and FORMAT.
  std::string (*made_image)(const std::string& source, const std::string& format);
};

class DatastoreContract : public ::testing::TestWithParam<DatastoreSubject> {
 protected:
  driver::Answer ask(std::string action, const std::string& image) {
    return driver.ask({.action = std::move(action),
                       .object = {"image", 1},
                       .args = {{"image", image}, {"datastore", subject.datastore}}});
  }

  void expect_it_can_be_cloned_and_removed(const std::string& image) {
    const driver::Answer clone = ask("clone", image);
    ASSERT_TRUE(clone.ok) << clone.error;
    const std::string copy = subject.made_image(clone.data.at("source"), "raw");
    for (const std::string& one : {copy, image, image}) {
      const driver::Answer removed = ask("rm", one);
      EXPECT_TRUE(removed.ok) << removed.error;
    }
  }

  DatastoreSubject subject = GetParam();
  DriverUnderTest driver{subject.program, subject.settings};
};

TEST_P(DatastoreContract, ACopiedImageHasASourceAndAFormat) {
  const driver::Answer copied = ask("cp", subject.image);
  ASSERT_TRUE(copied.ok) << copied.error;
  EXPECT_NE(copied.data.at("format"), "");
  expect_it_can_be_cloned_and_removed(
      subject.made_image(copied.data.at("source"), copied.data.at("format")));
}

TEST_P(DatastoreContract, AnEmptyImageHasASourceAndAFormat) {
  const driver::Answer made = ask("mkfs", subject.empty_image);
  ASSERT_TRUE(made.ok) << made.error;
  EXPECT_NE(made.data.at("format"), "");
  expect_it_can_be_cloned_and_removed(
      subject.made_image(made.data.at("source"), made.data.at("format")));
}

TEST_P(DatastoreContract, TheSizeOfAPathIsInMegabytes) {
  const driver::Answer size = ask("stat", subject.image);
  ASSERT_TRUE(size.ok) << size.error;
  EXPECT_TRUE(is_size(size.data, "size_mb"));
}

TEST_P(DatastoreContract, MonitoringTellsItsSizes) {
  const driver::Answer sizes = driver.ask({.action = "monitor",
                                           .object = {"datastore", 1},
                                           .args = {{"datastore", subject.datastore}}});
  ASSERT_TRUE(sizes.ok) << sizes.error;
  for (const char* name : {"total_mb", "used_mb", "free_mb"})
    EXPECT_TRUE(is_size(sizes.data, name)) << name;
}

struct TransferSubject {
  std::string program;
  driver::Values settings;
  std::string node;
  std::string vm;           // VM document
  std::string make, drop;   // transfer lines that make and delete a disk
  std::string disk;         // its "node:path", as probe takes it
  bool keeps_files = true;  // false: the driver only pretends, so probe proves nothing
};

class TransferContract : public ::testing::TestWithParam<TransferSubject> {
 protected:
  driver::Answer run(const std::string& lines) {
    return driver.ask({.action = "run",
                       .object = {"vm", 1},
                       .node = subject.node,
                       .args = {{"lines", lines}, {"vm", subject.vm}}});
  }

  bool is_present() {
    const driver::Answer found = driver.ask({.action = "probe",
                                             .object = {"vm", 1},
                                             .node = subject.node,
                                             .args = {{"paths", subject.disk}}});
    EXPECT_TRUE(found.ok) << found.error;
    return found.ok && found.data.at("present").find(subject.disk) != std::string::npos;
  }

  TransferSubject subject = GetParam();
  DriverUnderTest driver{subject.program, subject.settings};
};

TEST_P(TransferContract, ADiskIsMadeAndDeletedHoweverOften) {
  for (int round = 0; round < 2; ++round) {
    const driver::Answer made = run(subject.make);
    ASSERT_TRUE(made.ok) << made.error;
    EXPECT_TRUE(is_present());
  }
  for (int round = 0; round < 2; ++round) {
    const driver::Answer dropped = run(subject.drop);
    ASSERT_TRUE(dropped.ok) << dropped.error;
    EXPECT_TRUE(!subject.keeps_files || !is_present());
  }
}

TEST_P(TransferContract, NoLinesAreDoneAtOnce) { EXPECT_TRUE(run("").ok); }

}  // namespace nubo::test
