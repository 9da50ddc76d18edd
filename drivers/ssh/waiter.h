// SPDX-License-Identifier: Apache-2.0
// Waiter: waits for descriptors until a request is cancelled or out of time, whichever comes first.
// One thread; lives as long as the operation that waits.
#pragma once

#include <poll.h>

#include <span>
#include <stop_token>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "nubo/driver/context.h"

namespace nubo::ssh {

class Waiter {
 public:
  explicit Waiter(const driver::Context& context);
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  /// Until one of `fds` is ready (revents says which) or `at_most` is over; descriptors below zero
  /// are skipped, at most four. Code::internal when the request was cancelled or its time is over.
  Status wait(std::span<pollfd> fds, Milliseconds at_most = Milliseconds::max());
  /// The same for one descriptor.
  Status wait(int fd, short events);

 private:
  const driver::Context& context_;
  Fd wake_;
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace nubo::ssh
