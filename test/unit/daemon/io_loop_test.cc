// SPDX-License-Identifier: Apache-2.0
#include "daemon/io_loop.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <memory>
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
  for (int i = 0; i < 100; ++i) {  // one after the other
    const auto said = std::make_shared<std::promise<void>>();
    const auto heard = said->get_future();
    boost::asio::post(io, [&done, said] {
      ++done;
      said->set_value();
    });
    if (heard.wait_for(std::chrono::seconds(20)) != std::future_status::ready) break;
  }
  io.stop();
  loop.join();
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace nubo
