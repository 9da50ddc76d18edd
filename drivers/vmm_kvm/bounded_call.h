// SPDX-License-Identifier: Apache-2.0
// Calls into libvirt cannot be interrupted: one that waits for a frozen node comes back when
// libvirt gives the connection up, or never. bounded_call() runs it on a thread of its own and
// stops waiting when the request ends; the call then goes on alone and its result is dropped.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "nubo/driver/context.h"

namespace nubo::kvm {

/// Waits until `is_done` or the request ends (cancelled or out of time); whether it is done.
template <class Predicate>
bool wait_in(const driver::Context& context, std::condition_variable_any& changed,
             std::unique_lock<std::mutex>& lock, Predicate is_done) {
  constexpr Milliseconds no_deadline = std::chrono::hours(24);
  return changed.wait_for(lock, context.stop_token(), std::min(context.left(), no_deadline),
                          is_done);
}

/// Why wait_in() gave up, for error texts.
inline const char* why_given_up(const driver::Context& context) {
  return context.left() == Milliseconds::zero() ? "no answer in time" : "cancelled";
}

/// What `work` returns; Code::internal "`what` …" when the request was cancelled or ran out of time
/// first. `work` must own what it uses: it may outlive the caller.
template <class T>
Result<T> bounded_call(const driver::Context& context, const std::string& what,
                       std::function<Result<T>()> work) {
  struct State {
    std::mutex mutex;
    std::condition_variable_any done;
    std::optional<Result<T>> result;
  };

  const auto state = std::make_shared<State>();
  std::thread([state, work = std::move(work)] {
    Result<T> result = work();
    const std::lock_guard lock(state->mutex);
    state->result.emplace(std::move(result));
    state->done.notify_all();
  }).detach();
  std::unique_lock lock(state->mutex);
  const auto has_result = [&state] { return state->result.has_value(); };
  if (wait_in(context, state->done, lock, has_result)) return std::move(*state->result);
  return fail(Code::internal, "{}: {}", what, why_given_up(context));
}

}  // namespace nubo::kvm
