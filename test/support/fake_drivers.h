// SPDX-License-Identifier: Apache-2.0
// FakeDrivers: what the layers above ask of drivers, answered by the test: at once by `script`, or
// call by call. One thread.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drivers/outcome.h"

namespace nubo::test {

class FakeDrivers final : public DriverCalls {
 public:
  struct Call {
    std::string driver;
    driver::Request request;
    Done done;
  };

  /// What step() answers to a call; nothing leaves it waiting. Everything succeeds unless replaced.
  std::function<std::optional<Outcome>(const Call&)> script = [](const Call&) { return Outcome{}; };

  std::deque<Call> waiting;             // not answered yet, in their order
  std::vector<std::int64_t> cancelled;  // ids

  std::int64_t submit(const std::string& driver, driver::Request request, Done done) override {
    request.id = ++last_id_;
    waiting.push_back({driver, std::move(request), std::move(done)});
    return last_id_;
  }

  void cancel(std::int64_t id) override { cancelled.push_back(id); }

  /// Answers the first call that the script has an outcome for; whether there was one.
  bool step() {
    for (std::size_t at = 0; at < waiting.size(); ++at) {
      auto outcome = script(waiting[at]);
      if (!outcome) continue;
      answer(at, std::move(*outcome));
      return true;
    }
    return false;
  }

  /// Answers the first waiting call of that action; false when there is none.
  bool answer(std::string_view action, Outcome outcome) {
    const auto found = std::find_if(waiting.begin(), waiting.end(), [action](const Call& call) {
      return call.request.action == action;
    });
    if (found == waiting.end()) return false;
    answer(static_cast<std::size_t>(found - waiting.begin()), std::move(outcome));
    return true;
  }

 private:
  void answer(std::size_t at, Outcome outcome) {
    const Done done = std::move(waiting[at].done);
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(at));
    done(std::move(outcome));
  }

  std::int64_t last_id_ = 0;
};

}  // namespace nubo::test
