// SPDX-License-Identifier: Apache-2.0
// What every driver program keeps, of whatever kind (docs/driver-protocol.md).
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "contract/driver_under_test.h"

namespace nubo::test {

struct DriverSubject {
  std::string program;
  driver::Values settings;
};

class DriverContract : public ::testing::TestWithParam<DriverSubject> {
 protected:
  DriverUnderTest driver{GetParam().program, GetParam().settings};
};

TEST_P(DriverContract, SpeaksThisProtocol) {
  EXPECT_EQ(driver.hello.protocol, driver::protocol_version);
  EXPECT_NE(driver.hello.driver, "");
}

TEST_P(DriverContract, AnActionThatItDoesNotHaveFails) {
  const driver::Answer answer = driver.ask({.action = "no-such-action"});
  EXPECT_FALSE(answer.ok);
  EXPECT_NE(answer.error, "");
}

TEST_P(DriverContract, EndsCleanlyWhenItsInputEnds) { EXPECT_EQ(driver.end(), "exit code 0"); }

}  // namespace nubo::test
