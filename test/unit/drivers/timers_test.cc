// SPDX-License-Identifier: Apache-2.0
#include "drivers/timers.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace nubo {

namespace {

using namespace std::chrono_literals;

TEST(AsioTimers, CallOnceInTheOrderOfTheirTimes) {
  boost::asio::io_context io;
  AsioTimers timers(io);
  std::string calls;
  const Timer later = timers.after(2ms, [&calls] { calls += "b"; });
  const Timer sooner = timers.after(1ms, [&calls] { calls += "a"; });
  io.run();
  EXPECT_EQ(calls, "ab");
}

TEST(AsioTimers, ADroppedTimerDoesNotCall) {
  boost::asio::io_context io;
  AsioTimers timers(io);
  bool called = false;
  Timer dropped;  // by a call of the same moment
  const Timer first = timers.after(0ms, [&dropped] { dropped.reset(); });
  dropped = timers.after(0ms, [&called] { called = true; });
  io.run();
  EXPECT_FALSE(called);
}

}  // namespace

}  // namespace nubo
