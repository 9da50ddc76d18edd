// SPDX-License-Identifier: Apache-2.0
// KeptText: a text that is made when it is first asked for, and then kept. Any thread may ask; one
// makes it, the others wait for that.
#pragma once

#include <mutex>
#include <string>
#include <utility>

namespace nubo {

class KeptText {
 public:
  /// What `make` returns, which is called once.
  template <class Make>
  const std::string& get(Make&& make) const {
    std::call_once(is_made_, [&] {
      text_ = std::forward<Make>(make)();
      text_.shrink_to_fit();
    });
    return text_;
  }

 private:
  mutable std::once_flag is_made_;
  mutable std::string text_;
};

}  // namespace nubo
