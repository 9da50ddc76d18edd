// SPDX-License-Identifier: Apache-2.0
#include "daemon/io_loop.h"

#include <thread>

#include "base/patience.h"

namespace nubo {
namespace {

// Longer than a commit takes on a good disk, so that its answer is awaited awake.
constexpr std::chrono::microseconds longest_look{500};

}  // namespace

void run_attentively(boost::asio::io_context& io) {
  using Steady = std::chrono::steady_clock;
  Patience patience(longest_look);
  while (!io.stopped()) {
    if (io.poll() > 0) {
      patience.worked(Steady::now());
    } else if (patience.lasts(Steady::now())) {
      std::this_thread::yield();
    } else if (io.run_one() > 0) {
      patience.worked(Steady::now());
    }
  }
}

}  // namespace nubo
