// SPDX-License-Identifier: Apache-2.0
// LineBuffer: cuts a stream of bytes into lines. Both sides of the driver protocol read through it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace nubo::driver {

class LineBuffer {
 public:
  explicit LineBuffer(std::size_t longest) : longest_(longest) {}

  void add(std::string_view bytes) { bytes_.append(bytes); }

  /// The next whole line without its newline; nothing when there is none yet.
  std::optional<std::string> next() {
    const std::size_t end = bytes_.find('\n', std::max(searched_, begin_));
    if (end == std::string::npos) {
      bytes_.erase(0, begin_);
      searched_ = bytes_.size();
      begin_ = 0;
      return {};
    }
    std::string line = bytes_.substr(begin_, end - begin_);
    begin_ = end + 1;
    return line;
  }

  /// Whether more than the longest line waits for its newline. Ask after next() gave nothing.
  bool overflowed() const { return bytes_.size() > longest_; }

  /// What stands there without a newline; the buffer is empty afterwards.
  std::string take_rest() {
    searched_ = begin_ = 0;
    return std::exchange(bytes_, {});
  }

 private:
  std::size_t longest_;
  std::string bytes_;
  std::size_t begin_ = 0;     // of the next line
  std::size_t searched_ = 0;  // no newline before it
};

}  // namespace nubo::driver
