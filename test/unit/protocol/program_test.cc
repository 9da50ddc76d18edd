// SPDX-License-Identifier: Apache-2.0
#include "nubo/driver/program.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <thread>

#include "base/fd.h"
#include "protocol/line_buffer.h"

namespace nubo::driver {

namespace {

using ::testing::HasSubstr;

// A program that runs in a thread, and the two pipes that oned would hold.
class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() {
    std::array<int, 2> in{}, out{};
    EXPECT_EQ(::pipe2(in.data(), O_CLOEXEC) | ::pipe2(out.data(), O_CLOEXEC), 0);
    program_input_ = Fd(in[0]), to_program_ = Fd(in[1]);
    from_program_ = Fd(out[0]), program_output_ = Fd(out[1]);
    program.emplace(Program::Options{.name = "test",
                                     .caps = {.running = 3, .per_node = 1},
                                     .input = program_input_.get(),
                                     .output = program_output_.get()});
    program->on("echo", [](const Request& r, Context&) -> Result<Values> { return r.args; });
    program->on("fail", [](const Request&, Context&) -> Result<Values> {
      return fail(Code::action, "it does not work");
    });
    program->on("throw", [](const Request&, Context&) -> Result<Values> {
      throw std::runtime_error("surprise");
    });
    program->on("hold", [](const Request&, Context& context) { return hold(context); });
    program->on(
        "peek", [](const Request&, Context&) -> Result<Values> { return {}; }, Lane::quick);
  }

  ~ProgramTest() override { end(); }

  // Until it is told to stop.
  static Result<Values> hold(Context& context) {
    context.progress("holding");
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait(lock, context.stop_token(), [] { return false; });
    return fail(Code::internal, "stopped");
  }

  void start(Values settings = {}) {
    thread_ = std::thread([this] { exit_code = program->run(); });
    EXPECT_EQ(std::get<Hello>(read()).driver, "test");
    send(Configure{std::move(settings)});
  }

  void end() {
    to_program_.reset();
    if (thread_.joinable()) thread_.join();
  }

  void send(const ToDriver& message) { send_text(encode(message) + '\n'); }

  void send_text(const std::string& text) {
    EXPECT_EQ(::write(to_program_.get(), text.data(), text.size()), std::ssize(text));
  }

  void ask(std::int64_t id, std::string action, std::string node = "",
           Milliseconds deadline = Milliseconds(60'000)) {
    send(Request{.id = id,
                 .action = std::move(action),
                 .node = std::move(node),
                 .deadline = deadline,
                 .args = {{"key", "value"}}});
  }

  FromDriver read() {
    while (true) {
      if (const auto line = lines_.next()) return decode_from_driver(*line).value();
      std::array<char, 4096> bytes;
      const ssize_t got = ::read(from_program_.get(), bytes.data(), bytes.size());
      if (got <= 0) throw std::runtime_error("the program wrote nothing more");
      lines_.add({bytes.data(), static_cast<std::size_t>(got)});
    }
  }

  Answer read_answer() {
    while (true) {
      const FromDriver message = read();
      if (const auto* answer = std::get_if<Answer>(&message)) return *answer;
    }
  }

  void await_progress(std::int64_t id) {
    EXPECT_EQ(std::get<Progress>(read()), (Progress{id, "holding"}));
  }

  std::optional<Program> program;
  int exit_code = -1;

 private:
  Fd program_input_, to_program_, from_program_, program_output_;
  LineBuffer lines_{longest_line};
  std::thread thread_;
};

TEST_F(ProgramTest, AnswersWithTheValuesOfTheHandler) {
  start();
  ask(1, "echo");
  EXPECT_EQ(read_answer(), (Answer{1, true, "", {{"key", "value"}}}));
}

TEST_F(ProgramTest, AnswersWithTheErrorOfTheHandler) {
  start();
  ask(1, "fail");
  EXPECT_EQ(read_answer(), (Answer{1, false, "it does not work", {}}));
  ask(2, "throw");
  EXPECT_EQ(read_answer().error, "throw: unexpected: surprise");
}

TEST_F(ProgramTest, NamesItsQuickActionsInHello) {
  std::thread run([this] { program->run(); });
  EXPECT_EQ(std::get<Hello>(read()), (Hello{"test", 1, {"peek"}}));
  end();
  run.join();
}

TEST_F(ProgramTest, AnUnknownActionFails) {
  start();
  ask(1, "dance");
  EXPECT_EQ(read_answer().error, "driver test has no action dance");
}

TEST_F(ProgramTest, SkipsLinesThatItCannotRead) {
  start();
  send_text("not JSON\n{\"answer\":{}}\n");
  ask(1, "echo");
  EXPECT_TRUE(read_answer().ok);
}

TEST_F(ProgramTest, ABusyNodeDoesNotHoldAnother) {
  start();
  ask(1, "hold", "slow");
  await_progress(1);
  ask(2, "echo", "slow");
  ask(3, "echo", "good");
  EXPECT_EQ(read_answer().id, 3);
  send(Cancel{1});
  EXPECT_EQ(read_answer().error, "stopped");
  EXPECT_EQ(read_answer().id, 2);
}

TEST_F(ProgramTest, AQuickActionDoesNotWaitBehindWorkOnItsNode) {
  start();
  ask(1, "hold", "node");
  await_progress(1);
  ask(2, "peek", "node");
  EXPECT_EQ(read_answer().id, 2);
}

TEST_F(ProgramTest, ARequestThatWaitsCanBeCancelled) {
  start();
  ask(1, "hold", "node");
  await_progress(1);
  ask(2, "echo", "node");
  send(Cancel{2});
  EXPECT_EQ(read_answer(), (Answer{2, false, "cancelled before it began", {}}));
}

TEST_F(ProgramTest, AHandlerIsToldToStopAtItsDeadline) {
  start();
  ask(1, "hold", "node", Milliseconds(1));
  EXPECT_EQ(read_answer().error, "stopped");
}

TEST_F(ProgramTest, ARequestThatDoesNotBeginInTimeFailsWithTheReason) {
  start();
  ask(1, "hold", "node");
  await_progress(1);
  ask(2, "echo", "node", Milliseconds(1));
  EXPECT_EQ(read_answer().error,
            "echo did not begin in time: 1 other actions are still running on node");
}

TEST_F(ProgramTest, SettingsReplaceTheCaps) {
  start({{"MAX_RUNNING_PER_NODE", "2"}});
  ask(1, "hold", "node");
  await_progress(1);
  ask(2, "echo", "node");
  EXPECT_EQ(read_answer().id, 2);
}

TEST_F(ProgramTest, GivesItsSettingsToTheDriver) {
  Values got;
  program->on_configure([&got](const Values& settings) {
    got = settings;
    return ok();
  });
  start({{"URI", "test:///"}});
  end();
  EXPECT_EQ(got, (Values{{"URI", "test:///"}}));
  EXPECT_EQ(exit_code, 0);
}

TEST_F(ProgramTest, EndsWithAnErrorWhenItsSettingsAreBad) {
  start({{"MAX_RUNNING", "many"}});
  end();
  EXPECT_EQ(exit_code, 1);
}

TEST_F(ProgramTest, EndsWithAnErrorWhenARequestComesBeforeItsSettings) {
  std::thread run([this] { exit_code = program->run(); });
  ask(1, "echo");
  run.join();
  EXPECT_EQ(exit_code, 1);
}

TEST_F(ProgramTest, StopsWhatRunsWhenItsInputEnds) {
  start();
  ask(1, "hold", "node");
  ask(2, "hold", "node");
  await_progress(1);
  end();
  EXPECT_EQ(read_answer(), (Answer{1, false, "stopped", {}}));
  EXPECT_EQ(exit_code, 0);
}

TEST_F(ProgramTest, SendsEventsFromAnyThread) {
  start();
  const Emit emit = program->emitter();
  std::thread([&emit] { emit({"vm_state", "node", {{"vms", "none"}}}); }).join();
  EXPECT_EQ(std::get<Event>(read()), (Event{"vm_state", "node", {{"vms", "none"}}}));
}

TEST_F(ProgramTest, EveryOneOfManyRequestsIsAnsweredOnce) {
  start({{"MAX_RUNNING", "8"}, {"MAX_RUNNING_PER_NODE", "2"}});
  std::thread asker([this] {
    for (int id = 0; id < 2000; ++id) ask(id, "echo", fmt::format("node{}", id % 17));
  });
  std::vector<int> answers(2000);
  for (int i = 0; i < 2000; ++i) ++answers[static_cast<std::size_t>(read_answer().id)];
  asker.join();
  EXPECT_THAT(answers, ::testing::Each(1));
}

}  // namespace

}  // namespace nubo::driver
