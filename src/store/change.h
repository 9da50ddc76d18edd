// SPDX-License-Identifier: Apache-2.0
// Change: one step from a snapshot to the next, as a value. Its function checks again what its
// maker assumed, does no I/O, and either succeeds or leaves no trace. Move-only, run once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "store/draft.h"

namespace nubo {

class Change {
 public:
  /// `name` is for the log ("image.allocate"); `function` is Status(Draft&), may be move-only.
  template <class F>
  Change(std::string name, F function)
      : name_(std::move(name)), function_(std::make_unique<Holder<F>>(std::move(function))) {}

  const std::string& name() const { return name_; }

  Status apply(Draft& draft) { return function_->run(draft); }

 private:
  // std::move_only_function is missing in GCC 12.
  struct Function {
    virtual ~Function() = default;
    virtual Status run(Draft& draft) = 0;
  };

  template <class F>
  struct Holder final : Function {
    explicit Holder(F function) : held(std::move(function)) {}

    Status run(Draft& draft) override { return held(draft); }

    F held;
  };

  std::string name_;
  std::unique_ptr<Function> function_;
};

}  // namespace nubo
