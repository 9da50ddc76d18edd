// SPDX-License-Identifier: Apache-2.0
// Published<T>: the latest version of an immutable value, replaced by one writer, read by many.
// Any thread. A mutex round one pointer: measured faster here than std::atomic<shared_ptr>, and
// clean under ThreadSanitizer.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace nubo {

template <class T>
class Published {
 public:
  Published() = default;

  explicit Published(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  void set(std::shared_ptr<const T> value) {
    {
      const std::lock_guard lock(mutex_);
      value_.swap(value);
    }  // the old version is dropped outside the lock
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace nubo
