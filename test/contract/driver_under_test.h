// SPDX-License-Identifier: Apache-2.0
// DriverUnderTest: a driver program started for one test, asked and listened to as oned does it but
// one thing at a time. The contracts in this folder are what every driver of a kind must keep; a
// driver's tests include the contract and instantiate it with what is particular to that driver.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "nubo/driver/message.h"
#include "protocol/line_buffer.h"
#include "protocol/spawn.h"

namespace nubo::test {

class DriverUnderTest {
 public:
  using Values = driver::Values;

  explicit DriverUnderTest(const std::string& program, const Values& settings = {}) {
    driver::ignore_sigpipe();
    child_ = std::move(driver::spawn({program}).value());
    hello = std::get<driver::Hello>(read());
    send(driver::Configure{settings});
  }

  DriverUnderTest(const DriverUnderTest&) = delete;
  DriverUnderTest& operator=(const DriverUnderTest&) = delete;

  ~DriverUnderTest() {
    if (child_.pid < 0) return;
    ::kill(-child_.pid, SIGKILL);
    ::waitpid(child_.pid, nullptr, 0);
  }

  void send(const driver::ToDriver& message) {
    const std::string line = encode(message) + '\n';
    std::string_view rest = line;
    while (!rest.empty()) {
      await(child_.input.get(), POLLOUT);
      const ssize_t written = ::write(child_.input.get(), rest.data(), rest.size());
      if (written <= 0) throw std::runtime_error("the driver does not read");
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  /// Sends a request without waiting for its answer; its id.
  std::int64_t start(driver::Request request) {
    request.id = ++last_id_;
    if (request.deadline.count() == 0) request.deadline = std::chrono::minutes(2);
    send(request);
    return request.id;
  }

  driver::Answer ask(driver::Request request) { return answer(start(std::move(request))); }

  /// The answer to that request; answers to others and events are kept meanwhile.
  driver::Answer answer(std::int64_t id) {
    while (!answers_.contains(id)) keep(read());
    return std::move(answers_.extract(id).mapped());
  }

  /// The next event, of those not yet taken, that `wanted` is true for.
  driver::Event event(const std::function<bool(const driver::Event&)>& wanted) {
    for (std::size_t at = 0;; ++at) {
      while (at == events_.size()) keep(read());
      if (!wanted(events_[at])) continue;
      driver::Event found = events_[at];
      events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(at) + 1);
      return found;
    }
  }

  driver::Event event(std::string_view name) {
    return event([name](const driver::Event& one) { return one.name == name; });
  }

  /// Ends its input; how it ended ("exit code 0").
  std::string end() {
    child_.input.reset();
    await(child_.process.get(), POLLIN);
    int status = 0;
    ::waitpid(std::exchange(child_.pid, -1), &status, 0);
    return driver::describe_end(status);
  }

  driver::Hello hello;

 private:
  static void await(int fd, short what) {
    constexpr int patience_ms = 60'000;
    pollfd one{fd, what, 0};
    if (::poll(&one, 1, patience_ms) <= 0) throw std::runtime_error("the driver does nothing");
  }

  driver::FromDriver read() {
    std::array<char, 65536> bytes;
    while (true) {
      if (const auto line = lines_.next()) return driver::decode_from_driver(*line).value();
      await(child_.output.get(), POLLIN);
      const ssize_t got = ::read(child_.output.get(), bytes.data(), bytes.size());
      if (got <= 0) throw std::runtime_error("the driver has ended");
      lines_.add({bytes.data(), static_cast<std::size_t>(got)});
    }
  }

  void keep(driver::FromDriver message) {
    if (auto* answer = std::get_if<driver::Answer>(&message)) {
      EXPECT_TRUE(answers_.emplace(answer->id, *answer).second) << "answered twice";
    } else if (auto* event = std::get_if<driver::Event>(&message)) {
      events_.push_back(std::move(*event));
    }
  }

  driver::Child child_;
  driver::LineBuffer lines_{driver::longest_line};
  std::map<std::int64_t, driver::Answer> answers_;
  std::vector<driver::Event> events_;
  std::int64_t last_id_ = 0;
};

}  // namespace nubo::test
