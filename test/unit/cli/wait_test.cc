// SPDX-License-Identifier: Apache-2.0
#include "cli/wait.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/run.h"

namespace nubo::cli {
namespace {

// A machine that goes on to its next state each time it is looked at.
struct Machine {
  std::vector<std::string> states;  // "3 2": STATE and LCM_STATE
  std::string error;
  std::string host = "0";
  std::size_t looks = 0;

  std::string document() {
    const std::string& state = states[std::min(looks++, states.size() - 1)];
    const std::size_t blank = state.find(' ');
    return fmt::format(
        "<VM><ID>3</ID><STATE>{}</STATE><LCM_STATE>{}</LCM_STATE><USER_TEMPLATE><ERROR>{}</ERROR>"
        "</USER_TEMPLATE><HISTORY_RECORDS><HISTORY><HID>{}</HID><HOSTNAME>node{}</HOSTNAME>"
        "</HISTORY></HISTORY_RECORDS></VM>",
        state.substr(0, blank), state.substr(blank + 1), error, host, host);
  }
};

struct Outcome {
  int exit;
  std::string err;
  std::vector<std::string> calls;
};

Outcome run(Machine machine, const std::vector<std::string>& words) {
  std::ostringstream out, err;
  Outcome outcome;
  Shell shell{.out = out, .err = err, .terminal = {}};
  shell.variable = [](const std::string&) { return std::string(); };
  shell.piped_input = [] { return std::optional<std::string>(); };
  shell.pause = [](std::chrono::milliseconds) {};
  shell.now = [] { return 0LL; };
  shell.connect = [&](const Account&) -> Result<Caller> {
    return Caller([&](const std::string& method, const client::Params&) -> Result<Answer> {
      outcome.calls.push_back(method);
      if (method == "one.vm.info") return machine.document();
      return 3;
    });
  };
  outcome.exit = run_tool(shell, *find_tool("onevm"), words);
  outcome.err = err.str();
  return outcome;
}

TEST(Wait, ReturnsWhenTheStateIsThere) {
  const Outcome outcome = run({{"1 0", "3 1", "3 2", "3 3"}}, {"wait", "3", "--state", "RUNNING"});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_EQ(outcome.calls.size(), 4U);
}

TEST(Wait, FailsWithTheReasonThatTheDaemonNoted) {
  const Outcome outcome = run({{"3 1", "3 39"}, "no space on node1"}, {"wait", "3"});
  EXPECT_EQ(outcome.exit, 255);
  EXPECT_EQ(outcome.err, "VM 3 failed in state PROLOG_FAILURE: no space on node1\n");
}

TEST(Wait, FailsWhenTheMachineEnds) {
  EXPECT_EQ(run({{"3 12", "6 0"}}, {"wait", "3"}).err, "VM 3 ended before it was RUNNING\n");
}

TEST(Wait, EndsAtTheTimeout) {
  const Outcome outcome = run({{"1 0"}}, {"wait", "3", "--timeout", "0"});
  EXPECT_EQ(outcome.exit, 255);
  EXPECT_EQ(outcome.err, "VM 3 is PENDING after 0 s, not RUNNING\n");
}

TEST(Wait, KnowsTheNamesOfStates) {
  EXPECT_EQ(run({{"1 0"}}, {"wait", "3", "--state", "RUNING"}).err, "There is no state RUNING\n");
}

TEST(Wait, OfAnActionSeesThatItWasUndone) {
  const Outcome outcome = run({{"3 18", "3 3"}, "guest does not answer"}, {"poweroff", "3", "--wait"});
  EXPECT_EQ(outcome.exit, 255);
  EXPECT_EQ(outcome.err, "VM 3 is RUNNING, not POWEROFF: guest does not answer\n");
}

TEST(Wait, OfAnActionReachesItsGoal) {
  const Outcome outcome = run({{"3 18", "8 0"}}, {"poweroff", "3", "--wait"});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_EQ(outcome.calls.front(), "one.vm.action");
}

TEST(Wait, OfAMigrationLooksWhereTheMachineIs) {
  EXPECT_EQ(run({{"3 4", "3 3"}, "", "1"}, {"migrate", "3", "1", "--live", "--wait"}).exit, 0);
  const Outcome outcome = run({{"3 4", "3 3"}, "", "0"}, {"migrate", "3", "1", "--live", "--wait"});
  EXPECT_EQ(outcome.exit, 255);
  EXPECT_EQ(outcome.err, "VM 3 is RUNNING on host node0, not on host 1\n");
}

}  // namespace
}  // namespace nubo::cli
