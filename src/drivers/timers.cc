// SPDX-License-Identifier: Apache-2.0
#include "drivers/timers.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace nubo {

Timer AsioTimers::after(Milliseconds delay, std::function<void()> then) {
  const auto timer = std::make_shared<boost::asio::steady_timer>(io_, delay);
  // A call that is already queued when the timer is dropped is not made either.
  timer->async_wait([alive = std::weak_ptr<void>(timer),
                     then = std::move(then)](const boost::system::error_code& error) {
    if (const auto held = alive.lock(); held && !error) then();
  });
  return timer;
}

}  // namespace nubo
