// SPDX-License-Identifier: Apache-2.0
// Fd: owns one file descriptor.
#pragma once

#include <unistd.h>

#include <utility>

namespace nubo {

class Fd {
 public:
  Fd() = default;

  explicit Fd(int number) : number_(number) {}

  Fd(Fd&& other) noexcept : number_(other.release()) {}

  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = other.release();
    }
    return *this;
  }

  ~Fd() { reset(); }

  explicit operator bool() const { return number_ >= 0; }

  int get() const { return number_; }

  int release() { return std::exchange(number_, -1); }

  void reset() {
    if (number_ >= 0) ::close(release());
  }

 private:
  int number_ = -1;
};

}  // namespace nubo
