// SPDX-License-Identifier: Apache-2.0
#include "ssh/waiter.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace nubo::ssh {

Waiter::Waiter(const driver::Context& context)
    : context_(context),
      wake_(::eventfd(0, EFD_CLOEXEC)),
      on_stop_(context.stop_token(), [this] { ::eventfd_write(wake_.get(), 1); }) {}

Status Waiter::wait(std::span<pollfd> fds, Milliseconds at_most) {
  std::array<pollfd, 5> all{};
  NUBO_ASSERT(fds.size() < all.size());
  std::ranges::copy(fds, all.begin());
  all[fds.size()] = {wake_.get(), POLLIN, 0};
  const Milliseconds left =
      std::min({context_.left(), at_most, Milliseconds(std::chrono::minutes(1))});
  if (!context_.cancelled()) ::poll(all.data(), fds.size() + 1, static_cast<int>(left.count()) + 1);
  std::copy_n(all.begin(), fds.size(), fds.begin());
  if (context_.left() == Milliseconds::zero()) return fail(Code::internal, "timed out");
  if (context_.cancelled()) return fail(Code::internal, "cancelled");
  return ok();
}

Status Waiter::wait(int fd, short events) {
  for (pollfd one{fd, events, 0}; one.revents == 0;) NUBO_CHECK(wait({&one, 1}));
  return ok();
}

}  // namespace nubo::ssh
