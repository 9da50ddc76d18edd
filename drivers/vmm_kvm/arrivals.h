// SPDX-License-Identifier: Apache-2.0
// Arrivals: keeps the order between "VM 12 runs now" (the answer of an action) and "these are all
// the guests of node1" (an event of the monitor). A list that was read before the guest came must
// not be sent after the answer, or the guest would be taken for gone. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace nubo::kvm {

class Arrivals {
 public:
  /// A guest has come to the node; to be said before the action is answered.
  void note(const std::string& node) {
    const std::lock_guard lock(mutex_);
    ++counts_[node];
  }

  /// A mark to be taken before the guests are listed.
  std::uint64_t mark(const std::string& node) {
    const std::lock_guard lock(mutex_);
    return counts_[node];
  }

  /// Sends the list unless a guest has come since the mark; says whether it did. The lock is held
  /// while sending: that is what keeps the order.
  bool send_unless_stale(const std::string& node, std::uint64_t mark,
                         const std::function<void()>& send) {
    const std::lock_guard lock(mutex_);
    if (counts_[node] != mark) return false;
    send();
    return true;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace nubo::kvm
