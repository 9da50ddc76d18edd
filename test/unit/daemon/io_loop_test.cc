// SPDX-License-Identifier: Apache-2.0
#include "daemon/io_loop.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

namespace nubo {
namespace {

TEST(IoLoop, EndsWhenItIsOutOfWork) {
  boost::asio::io_context io;
  int done = 0;
  boost::asio::post(io, [&] { boost::asio::post(io, [&done] { ++done; }); });
  run_attentively(io);
  EXPECT_EQ(done, 1);
}

TEST(IoLoop, DoesWhatOtherThreadsSendUntilItIsStopped) {
  boost::asio::io_context io;
  const auto guard = boost::asio::make_work_guard(io);
  std::jthread loop([&io] { run_attentively(io); });
  int done = 0;
  for (int i = 0; i < 100; ++i) {  // one after the other: it is caught looking and asleep
    std::promise<void> said;
    boost::asio::post(io, [&] {
      ++done;
      said.set_value();
    });
    said.get_future().wait();
  }
  io.stop();
  loop.join();
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace nubo
