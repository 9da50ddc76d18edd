// SPDX-License-Identifier: Apache-2.0
#include "nubo/driver/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

namespace nubo::driver {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ScriptTest : public ::testing::Test {
 protected:
  Context context(SteadyTime deadline = SteadyTime::max()) {
    return Context(
        {.request = 1,
         .deadline = deadline,
         .stop = stop.get_token(),
         .send = [this](const FromDriver& line) { said.push_back(std::get<Progress>(line).text); }},
        clock);
  }

  static Script shell(std::string text) { return {.argv = {"/bin/sh", "-c", std::move(text)}}; }

  SystemClock clock;
  std::stop_source stop;
  std::vector<std::string> said;
};

TEST_F(ScriptTest, GivesItsStandardOutput) {
  EXPECT_EQ(run_script(shell("echo one; echo two"), context()).value(), "one\ntwo\n");
}

TEST_F(ScriptTest, GetsItsArgumentsWithoutAShellInBetween) {
  const Script script{.argv = {"/bin/sh", "-c", "printf %s \"$1\"", "name", "a 'b' $HOME;\n"}};
  EXPECT_EQ(run_script(script, context()).value(), "a 'b' $HOME;\n");
}

TEST_F(ScriptTest, ReadsAnInputLargerThanAPipe) {
  Script script = shell("wc -c");
  script.input.assign(1'000'000, 'x');
  EXPECT_EQ(run_script(script, context()).value(), "1000000\n");
}

TEST_F(ScriptTest, TakesDescriptorsAsItsStreams) {
  std::array<int, 2> in{}, out{};
  ASSERT_EQ(::pipe(in.data()), 0);
  ASSERT_EQ(::pipe(out.data()), 0);
  ASSERT_EQ(::write(in[1], "hello", 5), 5);
  ::close(in[1]);
  Script script = shell("tr a-z A-Z");
  script.input_fd = in[0];
  script.output_fd = out[1];
  EXPECT_EQ(run_script(script, context()).value(), "");
  std::array<char, 6> got{};
  EXPECT_EQ(::read(out[0], got.data(), got.size()), 5);
  EXPECT_STREQ(got.data(), "HELLO");
  for (const int fd : {in[0], out[0], out[1]}) ::close(fd);
}

TEST_F(ScriptTest, MayEndWithoutReadingItsInput) {
  Script script = shell("exec 0<&-; echo done");
  script.input.assign(1'000'000, 'x');
  EXPECT_EQ(run_script(script, context()).value(), "done\n");
}

TEST_F(ScriptTest, GetsTheEnvironmentThatIsGiven) {
  Script script = shell("echo $NUBO_ONE-$PATH");
  script.environment = {"NUBO_ONE=1", "PATH=/bin"};
  EXPECT_EQ(run_script(script, context()).value(), "1-/bin\n");
}

TEST_F(ScriptTest, FailsWithTheLinesOfItsStandardErrorThatAreNoLog) {
  const auto result = run_script(
      shell("echo 'INFO: clone: copying' >&2; echo 'no space' >&2; echo 'left' >&2; exit 3"),
      context());
  EXPECT_EQ(result.error().message, "no space left");
  EXPECT_THAT(said, ElementsAre("INFO: clone: copying", "no space", "left"));
}

TEST_F(ScriptTest, SaysItsExitCodeWhenItSaysNothingElse) {
  EXPECT_EQ(run_script(shell("exit 3"), context()).error().message,
            "/bin/sh ended with exit code 3");
}

TEST_F(ScriptTest, EndedByASignalIsExitCode255) {
  EXPECT_EQ(run_process(shell("kill -9 $$"), context()).value().exit_code, 255);
}

TEST_F(ScriptTest, ThatIsNotThereIsAnError) {
  const auto result = run_script({.argv = {"/nowhere/script"}}, context());
  EXPECT_EQ(result.error().message, "cannot start /nowhere/script: No such file or directory");
}

TEST_F(ScriptTest, PrintingTooMuchIsAnErrorButItRunsToItsEnd) {
  Script script = shell("head -c 300000 /dev/zero; echo end >&2");
  script.output_limit = 1000;
  EXPECT_THAT(run_process(script, context()).error().message, HasSubstr("more than 1000 bytes"));
}

TEST_F(ScriptTest, OutputIsMadeValidUtf8) {
  EXPECT_EQ(run_script(shell("printf 'a\\377b'"), context()).value(),
            "a\xEF\xBF\xBD"
            "b");
}

TEST_F(ScriptTest, LeavingAProcessBehindDoesNotHoldTheAnswer) {
  const auto result = run_script(shell("tail -f /dev/null & echo $!"), context());
  const pid_t left_behind = std::stoi(result.value());
  EXPECT_EQ(::kill(left_behind, SIGKILL), 0);
}

TEST_F(ScriptTest, IsStoppedAtItsDeadlineWithAllItsProcesses) {
  const auto result = run_script(shell("tail -f /dev/null | cat; echo never"),
                                 context(clock.steady() + Milliseconds(30)));
  EXPECT_EQ(result.error().message, "Timeout executing /bin/sh");
}

TEST_F(ScriptTest, IsStoppedWhenItIsCancelled) {
  const std::jthread canceller([this] { stop.request_stop(); });
  EXPECT_EQ(run_script(shell("tail -f /dev/null"), context()).error().message,
            "/bin/sh was cancelled");
}

}  // namespace

}  // namespace nubo::driver
