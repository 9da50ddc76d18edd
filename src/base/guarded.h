// SPDX-License-Identifier: Apache-2.0
// Guarded<T>: a value that can be reached only under its lock. The lock is a leaf: nothing else
// is called, and no I/O done, while it is held.
#pragma once

#include <mutex>
#include <utility>

namespace nubo {

template <class T>
class Guarded {
 public:
  template <class... Args>
  explicit Guarded(Args&&... args) : value_{std::forward<Args>(args)...} {}

  /// Runs `f(T&)` under the lock and returns what it returns.
  template <class F>
  decltype(auto) with(F&& f) {
    const std::lock_guard lock(mutex_);
    return std::forward<F>(f)(value_);
  }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace nubo
