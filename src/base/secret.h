// SPDX-License-Identifier: Apache-2.0
// Secret: a string that is not printed by accident and is compared in constant time.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace nubo {

class Secret {
 public:
  Secret() = default;

  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }

  bool matches(std::string_view other) const {
    unsigned difference = value_.size() == other.size() ? 0 : 1;
    for (std::size_t i = 0; i < value_.size() && i < other.size(); ++i) {
      difference |= static_cast<unsigned>(value_[i] ^ other[i]);
    }
    return difference == 0;
  }

  bool operator==(const Secret& other) const { return matches(other.value_); }

 private:
  std::string value_;
};

}  // namespace nubo
