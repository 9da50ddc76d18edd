// SPDX-License-Identifier: Apache-2.0
#include "drivers/drivers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>

#include "support/fake_timers.h"

namespace nubo {

namespace {

using driver::Request;
using driver::Values;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

const std::string program = NUBO_BUILD_DIR "/test/support/scripted_driver";

// Real programs and pipes, but time stands still unless a test moves it.
class DriversTest : public ::testing::Test {
 protected:
  DriversTest() {
    drivers.emplace(
        io, timers,
        DriverListener{.event = [this](const std::string&,
                                       const driver::Event& event) { events.push_back(event); },
                       .progress =
                           [this](const Request& request, const std::string& text) {
                             progress.push_back(request.action + ": " + text);
                           },
                       .started = [this](const std::string& name) { started.push_back(name); }});
  }

  static DriverConfig config(std::string name = "test", std::string start = "") {
    DriverConfig config{.name = std::move(name), .argv = {program}};
    if (!start.empty()) config.argv.push_back(std::move(start));
    config.caps = {.running = 4, .per_node = 1};
    return config;
  }

  void start(DriverConfig one) {
    EXPECT_TRUE(drivers->add(std::move(one)));
    drivers->start();
  }

  static Request a_request(std::string action, std::string node = "node1") {
    return {.action = std::move(action),
            .object = {"vm", 7},
            .node = std::move(node),
            .deadline = 60s,
            .args = {{"key", "value"}}};
  }

  // Asks and notes the outcome in `outcomes`.
  std::int64_t ask(Request request, const std::string& driver = "test") {
    return drivers->submit(driver, request, [this, action = request.action](Outcome outcome) {
      outcomes.emplace_back(action, std::move(outcome));
    });
  }

  template <class Ready>
  void run_until(Ready ready) {
    io.restart();
    while (!ready())
      if (io.run_one_for(10s) == 0) FAIL() << "nothing happened";
  }

  void run_until_outcomes(std::size_t count) {
    run_until([this, count] { return outcomes.size() >= count; });
  }

  void run_until_starts(std::size_t count) {
    run_until([this, count] { return started.size() >= count; });
  }

  // Until the program has been given that many requests that it has not answered.
  void run_until_under_way(int count) {
    run_until([this, count] { return drivers->stats()[0].under_way == count; });
    io.poll();  // the lines are written, too
  }

  Outcome outcome(Request request) {
    ask(std::move(request));
    run_until_outcomes(outcomes.size() + 1);
    return outcomes.back().second;
  }

  // Lets the program that has ended start again.
  void let_it_restart() {
    const auto ended = [this] { return !drivers->stats()[0].running; };
    run_until(ended);
    timers.advance(100ms);
  }

  boost::asio::io_context io;
  test::FakeTimers timers;
  std::vector<driver::Event> events;
  std::vector<std::string> progress, started;
  std::vector<std::pair<std::string, Outcome>> outcomes;
  std::optional<Drivers> drivers;
};

TEST_F(DriversTest, GiveBackTheAnswer) {
  start(config());
  EXPECT_EQ(outcome(a_request("echo")), (Outcome{End::done, "", {{"key", "value"}}}));
  EXPECT_EQ(outcome(a_request("fail")), (Outcome{End::failed, "no space left", {}}));
}

TEST_F(DriversTest, GiveTheProgramItsSettingsAndCaps) {
  DriverConfig one = config();
  one.settings = {{"URI", "test:///"}};
  start(std::move(one));
  EXPECT_EQ(outcome(a_request("settings")).data,
            (Values{{"MAX_RUNNING", "4"}, {"MAX_RUNNING_PER_NODE", "1"}, {"URI", "test:///"}}));
}

TEST_F(DriversTest, PassOnEventsAndProgress) {
  start(config());
  EXPECT_TRUE(outcome(a_request("event")).ok());
  EXPECT_THAT(events, ElementsAre(driver::Event{"vm_state", "node1", {{"key", "value"}}}));
  EXPECT_TRUE(outcome(a_request("progress")).ok());
  EXPECT_THAT(progress, ElementsAre("progress: half"));
}

TEST_F(DriversTest, AnUnknownDriverIsNotAsked) {
  start(config());
  ask(a_request("echo"), "other");
  run_until_outcomes(1);
  EXPECT_EQ(outcomes[0].second, (Outcome{End::not_asked, "there is no driver other", {}}));
}

TEST_F(DriversTest, ARequestThatTheProgramDiesOfSaysSoAndTheNextOneWorks) {
  start(config());
  EXPECT_EQ(
      outcome(a_request("die")),
      (Outcome{
          End::driver_died, "driver test ended (exit code 3) during die of vm 7 on node1", {}}));
  let_it_restart();
  EXPECT_TRUE(outcome(a_request("echo")).ok());
  EXPECT_THAT(started, SizeIs(2));
  EXPECT_EQ(drivers->stats()[0].restarts, 1);
}

TEST_F(DriversTest, AnAnswerBeforeTheEndOfTheProgramCounts) {
  start(config());
  EXPECT_TRUE(outcome(a_request("answer_and_die")).ok());
}

TEST_F(DriversTest, WhatWaitsOutlivesTheProgram) {
  start(config());
  ask(a_request("die"));
  ask(a_request("echo"));
  run_until_outcomes(1);
  let_it_restart();
  run_until_outcomes(2);
  EXPECT_EQ(outcomes[1].first, "echo");
  EXPECT_TRUE(outcomes[1].second.ok());
}

TEST_F(DriversTest, ARequestWithoutAnAnswerExpires) {
  start(config());
  ask(a_request("ignore"));
  run_until_under_way(1);
  timers.advance(61s);
  EXPECT_THAT(outcomes, IsEmpty());
  timers.advance(1s);
  EXPECT_THAT(
      outcomes,
      ElementsAre(std::pair(
          "ignore", Outcome{End::expired, "ignore of vm 7 on node1 did not end within 60 s", {}})));
  EXPECT_TRUE(outcome(a_request("echo")).ok());
}

TEST_F(DriversTest, ASlowNodeDoesNotDelayAnother) {
  start(config());
  ask(a_request("ignore", "slow"));
  for (int i = 0; i < 10; ++i) ask(a_request("echo", "slow"));
  ask(a_request("echo", "good"));
  run_until_outcomes(1);
  EXPECT_EQ(drivers->stats()[0].waiting, 10);
}

TEST_F(DriversTest, AQuickActionDoesNotWaitBehindOtherWork) {
  start(config());
  ask(a_request("ignore"));
  ask(a_request("echo"));
  ask(a_request("peek"));
  run_until_outcomes(1);
  EXPECT_EQ(outcomes[0].first, "peek");
}

TEST_F(DriversTest, RequestsOfANodeRunInTheirOrder) {
  start(config());
  for (const char* action : {"echo", "progress", "twice", "garbage", "event"})
    ask(a_request(action));
  run_until_outcomes(5);
  std::vector<std::string> order;
  for (const auto& [action, outcome] : outcomes) order.push_back(action);
  EXPECT_THAT(order, ElementsAre("echo", "progress", "twice", "garbage", "event"));
}

TEST_F(DriversTest, ARequestUnderWayCanBeCancelled) {
  start(config());
  const std::int64_t id = ask(a_request("ignore"));
  run_until_under_way(1);
  drivers->cancel(id);
  run_until_outcomes(1);
  EXPECT_EQ(outcomes[0].second, (Outcome{End::cancelled, "stopped", {}}));
}

TEST_F(DriversTest, ARequestThatWaitsCanBeCancelled) {
  start(config());
  ask(a_request("ignore"));
  run_until_under_way(1);
  drivers->cancel(ask(a_request("echo")));
  run_until_outcomes(1);
  EXPECT_EQ(outcomes[0].second, (Outcome{End::cancelled, "cancelled before it began", {}}));
  EXPECT_EQ(drivers->stats()[0].waiting, 0);
}

TEST_F(DriversTest, ARequestWaitsForItsTurnSoLongOnly) {
  DriverConfig one = config();
  one.longest_wait = 10s;
  start(std::move(one));
  ask(a_request("ignore"));
  ask(a_request("echo"));
  run_until_under_way(1);
  run_until([this] { return drivers->stats()[0].waiting == 1; });
  timers.advance(10s);
  EXPECT_THAT(outcomes,
              ElementsAre(std::pair("echo", Outcome{End::not_asked,
                                                    "echo of vm 7 on node1 did not get its turn "
                                                    "within 10 s",
                                                    {}})));
}

TEST_F(DriversTest, TooManyWaitingRequestsAreRefused) {
  DriverConfig one = config();
  one.most_waiting = 3;
  start(std::move(one));
  for (int i = 0; i < 5; ++i) ask(a_request("ignore"));
  run_until_outcomes(1);
  EXPECT_EQ(outcomes[0].second,
            (Outcome{End::too_busy, "driver test has 3 requests waiting", {}}));
}

TEST_F(DriversTest, ARequestThatIsTooLongForALineIsNotAsked) {
  start(config());
  Request request = a_request("echo");
  request.args["vm"].assign(driver::longest_line, 'x');
  EXPECT_EQ(outcome(request).end, End::not_asked);
  EXPECT_TRUE(outcome(a_request("echo")).ok());
}

TEST_F(DriversTest, GarbageBetweenMessagesIsSkipped) {
  start(config());
  EXPECT_TRUE(outcome(a_request("garbage")).ok());
}

TEST_F(DriversTest, AProgramThatWritesOnlyGarbageIsRestarted) {
  start(config());
  EXPECT_THAT(outcome(a_request("much_garbage")).error,
              HasSubstr("killed: it writes lines that are no messages"));
  let_it_restart();
  EXPECT_TRUE(outcome(a_request("echo")).ok());
}

TEST_F(DriversTest, AProgramThatWritesALineWithoutEndIsRestarted) {
  start(config());
  EXPECT_THAT(outcome(a_request("endless_line")).error, HasSubstr("a line that is too long"));
  let_it_restart();
  EXPECT_TRUE(outcome(a_request("echo")).ok());
}

TEST_F(DriversTest, AProgramThatClosesItsOutputIsRestarted) {
  start(config());
  EXPECT_EQ(outcome(a_request("close_output")).end, End::driver_died);
  let_it_restart();
  EXPECT_TRUE(outcome(a_request("echo")).ok());
}

TEST_F(DriversTest, AFloodOfEventsArrivesWholeAndDoesNotHoldAnotherProgram) {
  EXPECT_TRUE(drivers->add(config("other")));
  start(config());
  run_until_starts(2);
  ask(a_request("flood"));
  ask(a_request("echo"), "other");
  run_until_outcomes(2);
  EXPECT_EQ(outcomes[0].first, "echo");
  EXPECT_THAT(events, SizeIs(2000));
}

TEST_F(DriversTest, AProgramThatReadsNothingIsKilled) {
  start(config());
  ask(a_request("deaf"));
  Request large = a_request("echo", "node2");
  large.args["vm"].assign(1 << 20, 'x');
  ask(large);
  run_until_under_way(2);
  timers.advance(30s);
  run_until_outcomes(2);
  EXPECT_THAT(outcomes[0].second.error, HasSubstr("killed: it reads no requests"));
}

TEST_F(DriversTest, AProgramWithoutHelloIsKilledAndStartedAgain) {
  start(config("test", "silent"));
  ask(a_request("echo"));
  for (int starts = 1; starts < 3; ++starts) {
    timers.advance(10s);  // hello
    run_until([this] { return timers.has_due(200ms); });
    timers.advance(200ms);  // restart
  }
  timers.advance(10s);
  run_until_outcomes(1);
  EXPECT_EQ(outcomes[0].second.error,
            "driver test does not start: test ended (killed: it said no hello within 10 s)");
}

TEST_F(DriversTest, RequestsToAProgramThatCannotBeStartedFailAtOnce) {
  DriverConfig one = config();
  one.argv = {"/nowhere/driver"};
  start(std::move(one));
  ask(a_request("echo"));
  io.poll();
  EXPECT_THAT(outcomes, IsEmpty());
  timers.advance(1s);
  const std::string why =
      "driver test does not start: cannot start /nowhere/driver: No such file or directory";
  EXPECT_THAT(outcomes, ElementsAre(std::pair("echo", Outcome{End::not_asked, why, {}})));
  EXPECT_EQ(outcome(a_request("peek")).error, why);
}

TEST_F(DriversTest, RestartsWaitLongerEachTime) {
  start(config("test", "dies"));
  for (const Milliseconds wait : {100ms, 200ms, 400ms}) {
    run_until([this, wait] { return timers.has_due(wait); });
    EXPECT_FALSE(timers.has_due(wait - 1ms)) << wait.count();
    timers.advance(wait);
  }
}

TEST_F(DriversTest, AProgramOfAnotherProtocolIsNotUsed) {
  start(config("test", "future"));
  run_until([this] { return timers.has_due(100ms); });
  EXPECT_THAT(started, IsEmpty());
}

TEST_F(DriversTest, AProgramMustBeginWithHello) {
  start(config("test", "rude"));
  run_until([this] { return timers.has_due(100ms); });
  EXPECT_THAT(started, IsEmpty());
}

class DriversStopTest : public DriversTest {
 protected:
  void stop(Milliseconds drain) {
    drivers->stop(drain, [this] { stopped = true; });
  }

  void run_until_stopped() {
    run_until([this] { return stopped; });
  }

  bool stopped = false;
};

TEST_F(DriversStopTest, StopEndsIdleProgramsByTheEndOfTheirInput) {
  EXPECT_TRUE(drivers->add(config("other")));
  start(config());
  run_until_starts(2);
  stop(10s);
  run_until_stopped();
}

TEST_F(DriversStopTest, StopLetsWhatIsUnderWayEndAndDropsWhatWaits) {
  start(config());
  const std::int64_t id = ask(a_request("ignore"));
  ask(a_request("echo"));
  run_until_under_way(1);
  stop(10s);
  io.poll();
  EXPECT_FALSE(stopped);
  drivers->cancel(id);
  run_until_stopped();
  EXPECT_THAT(outcomes, ElementsAre(std::pair("ignore", Outcome{End::cancelled, "stopped", {}})));
}

TEST_F(DriversStopTest, StopLeavesWhatDoesNotEndInTimeWithoutOutcome) {
  start(config());
  ask(a_request("ignore"));
  run_until_under_way(1);
  stop(10s);
  io.poll();
  timers.advance(10s);
  run_until_stopped();
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(DriversStopTest, StopKillsAProgramThatDoesNotEnd) {
  start(config());
  EXPECT_TRUE(outcome(a_request("deaf_to_signals")).ok());
  stop(10s);
  io.poll();
  timers.advance(6s);
  io.poll();
  EXPECT_FALSE(stopped);
  timers.advance(2s);
  run_until_stopped();
}

TEST_F(DriversStopTest, StopDoesNotWaitForAProgramThatIsDown) {
  start(config("test", "dies"));
  run_until([this] { return timers.has_due(100ms); });
  stop(10s);
  run_until_stopped();
  EXPECT_FALSE(timers.has_due(1h));
}

// The one test with real time and a thread of its own for the io context, as in oned.
TEST(DriversThreads, AnyThreadMayAskAndLook) {
  boost::asio::io_context io;
  AsioTimers timers(io);
  Drivers drivers(io, timers,
                  {.event = [](const std::string&, const driver::Event&) {},
                   .progress = [](const Request&, const std::string&) {},
                   .started = [](const std::string&) {}});
  EXPECT_TRUE(drivers.add({.name = "test", .argv = {program}}));
  std::atomic<int> left{400};
  const auto done = [&left, &drivers](const Outcome& outcome) {
    EXPECT_TRUE(outcome.ok()) << outcome.error;
    if (--left == 0) drivers.stop(1s, [] {});
  };
  drivers.start();
  std::thread io_thread([&io] { io.run(); });
  std::vector<std::jthread> askers;
  for (int thread = 0; thread < 4; ++thread)
    askers.emplace_back([&drivers, &done, thread] {
      for (int i = 0; i < 100; ++i) {
        drivers.submit(
            "test",
            {.action = "echo", .node = fmt::format("node{}", i % 7 + thread), .deadline = 60s},
            done);
        EXPECT_GE(drivers.stats()[0].waiting, 0);
      }
    });
  io_thread.join();
  EXPECT_EQ(left, 0);
  EXPECT_EQ(drivers.stats()[0].done, 400);
}

TEST_F(DriversTest, TheSameNameTwiceIsAnError) {
  EXPECT_TRUE(drivers->add(config()));
  EXPECT_EQ(drivers->add(config()).error().message, "driver test is configured twice");
}

}  // namespace

}  // namespace nubo
