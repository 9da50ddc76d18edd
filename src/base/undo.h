// SPDX-License-Identifier: Apache-2.0
// Undo: steps that take partial work back, run in reverse order unless commit() was called.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace nubo {

class Undo {
 public:
  Undo() = default;
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;

  ~Undo() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) (*step)();
  }

  void push(std::function<void()> step) { steps_.push_back(std::move(step)); }

  void commit() { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace nubo
