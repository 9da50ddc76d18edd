// SPDX-License-Identifier: Apache-2.0
// The texts of an HTTP answer: its head, its date, the page that says what was wrong. Pure but for
// ServerDate, which one thread owns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace nubo::rpc {

/// The time as HTTP writes it, made anew once a second.
class ServerDate {
 public:
  const std::string& at(EpochSeconds now);

 private:
  EpochSeconds made_for_{-1};
  std::string text_;
};

struct HttpHead {
  int status;
  std::string_view type;
  std::size_t size;  // of the body
  bool keeps_alive;
};

std::string http_head(const HttpHead& head, const std::string& date);

/// A page for people that names the status and says why.
std::string error_page(int status, std::string_view why);

}  // namespace nubo::rpc
