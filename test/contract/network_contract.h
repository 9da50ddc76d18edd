// SPDX-License-Identifier: Apache-2.0
// What every network driver keeps (docs/driver-protocol.md).
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "contract/driver_under_test.h"

namespace nubo::test {

struct NetworkSubject {
  std::string program;
  driver::Values settings;
  std::string node;
  std::string vm;  // VM document with the NICs concerned
};

class NetworkContract : public ::testing::TestWithParam<NetworkSubject> {
 protected:
  driver::Answer ask(std::string action) {
    return driver.ask({.action = std::move(action),
                       .object = {"vm", 1},
                       .node = subject.node,
                       .args = {{"vm", subject.vm}, {"deploy_id", "one-1"}}});
  }

  NetworkSubject subject = GetParam();
  DriverUnderTest driver{subject.program, subject.settings};
};

TEST_P(NetworkContract, EveryStepMayBeRepeated) {
  for (const char* action : {"pre", "pre", "post", "post", "clean", "clean"}) {
    const driver::Answer answer = ask(action);
    EXPECT_TRUE(answer.ok) << action << ": " << answer.error;
  }
}

TEST_P(NetworkContract, CleaningUpWhatNeverWasIsASuccess) { EXPECT_TRUE(ask("clean").ok); }

}  // namespace nubo::test
