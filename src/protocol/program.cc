// SPDX-License-Identifier: Apache-2.0
#include "nubo/driver/program.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <utility>

#include "base/fd.h"
#include "base/log.h"
#include "base/numbers.h"
#include "protocol/line_buffer.h"
#include "protocol/spawn.h"
#include "protocol/worker_pool.h"

namespace nubo::driver {

namespace {

constexpr Milliseconds patience_at_end{5000};
const SystemClock machine_clock;

Status set_cap(const Values& settings, std::string_view name, int& cap) {
  const auto found = settings.find(name);
  if (found == settings.end()) return ok();
  const auto number = parse_number<int>(found->second);
  if (!number || *number < 1)
    return fail(Code::internal, "{} is not a number from 1: {}", name, found->second);
  cap = *number;
  return ok();
}

}  // namespace

struct Program::State {
  State(Options given, const Clock& the_clock) : options(std::move(given)), clock(the_clock) {}

  Options options;
  const Clock& clock;
  std::map<std::string, Action, std::less<>> actions;
  std::function<Status(const Values&)> configure = [](const Values&) { return ok(); };
  std::mutex output_mutex;  // held while a line is written, so that lines stay whole
  Fd output;
  std::optional<WorkerPool> pool;  // from the configure line on

  void send(const FromDriver& message);
  Hello hello() const;
  Status take(const ToDriver& message);
  Status take(const Configure& message);
  Status take(Request request);
  Status take(const Cancel& message);
  Status take_line(const std::string& line);
  Status take_lines(LineBuffer& lines);
  void take_output();
  Status read_to_end();
};

void Program::State::send(const FromDriver& message) {
  std::string line = encode(message) + '\n';
  if (line.size() > longest_line) {
    const auto* answer = std::get_if<Answer>(&message);
    if (answer == nullptr) return log_error(options.name, "dropped a line that is too long");
    line = encode(Answer{answer->id, false, "the answer is too long", {}}) + '\n';
  }
  const std::lock_guard lock(output_mutex);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(output.get(), rest.data(), rest.size());
    if (written < 0 && errno != EINTR) return;  // oned is gone; the end of the input says so, too
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

Hello Program::State::hello() const {
  Hello hello{.driver = options.name};
  for (const auto& [name, action] : actions)
    if (action.lane == Lane::quick) hello.quick.push_back(name);
  return hello;
}

Status Program::State::take(const Configure& message) {
  NUBO_CHECK(set_cap(message.settings, "MAX_RUNNING", options.caps.running));
  NUBO_CHECK(set_cap(message.settings, "MAX_RUNNING_PER_NODE", options.caps.per_node));
  NUBO_CHECK(configure(message.settings));
  pool.emplace(
      options.caps, [this](const FromDriver& line) { send(line); }, clock);
  return ok();
}

Status Program::State::take(Request request) {
  const auto found = actions.find(request.action);
  if (found == actions.end()) {
    send(Answer{request.id,
                false,
                fmt::format("driver {} has no action {}", options.name, request.action),
                {}});
  } else {
    pool->submit(std::move(request), found->second);
  }
  return ok();
}

Status Program::State::take(const Cancel& message) {
  pool->cancel(message.id);
  return ok();
}

Status Program::State::take_line(const std::string& line) {
  Result<ToDriver> message = decode_to_driver(line);
  if (!message) {
    log_warning(options.name, "skipped a line: {}", message.error().message);
    return ok();
  }
  if (pool.has_value() == std::holds_alternative<Configure>(*message))
    return fail(Code::internal, "configure must be the first line and only that");
  return std::visit([this](auto& one) { return take(std::move(one)); }, *message);
}

Status Program::State::take_lines(LineBuffer& lines) {
  while (const auto line = lines.next()) NUBO_CHECK(take_line(*line));
  if (lines.overflowed()) return fail(Code::internal, "a line is longer than {}", longest_line);
  return ok();
}

Status Program::State::read_to_end() {
  LineBuffer lines(longest_line);
  std::array<char, 65536> bytes;
  while (true) {
    int wait = -1;
    const SteadyTime next = pool ? pool->expire() : SteadyTime::max();
    if (next != SteadyTime::max()) {
      const auto left = std::clamp((next - clock.steady()).count(), 0L, 60'000L);
      wait = static_cast<int>(left) + 1;
    }
    pollfd input{options.input, POLLIN, 0};
    if (::poll(&input, 1, wait) <= 0) continue;
    const ssize_t got = ::read(options.input, bytes.data(), bytes.size());
    if (got == 0) return ok();
    if (got < 0 && errno != EINTR && errno != EAGAIN)
      return fail(Code::internal, "cannot read requests");
    if (got < 0) continue;
    lines.add({bytes.data(), static_cast<std::size_t>(got)});
    NUBO_CHECK(take_lines(lines));
  }
}

// What a library prints must not get between the lines: it goes to the standard error.
void Program::State::take_output() {
  output = Fd(::fcntl(options.output, F_DUPFD_CLOEXEC, 3));
  if (options.output == STDOUT_FILENO) ::dup2(STDERR_FILENO, STDOUT_FILENO);
}

Program::Program(Options options, const Clock& clock)
    : state_(std::make_unique<State>(std::move(options), clock)) {}

Program::Program(Options options) : Program(std::move(options), machine_clock) {}

Program::~Program() = default;

void Program::on(std::string action, Handler handler, Lane lane) {
  state_->actions.insert_or_assign(std::move(action), Action{std::move(handler), lane});
}

void Program::on_configure(std::function<Status(const Values&)> configure) {
  state_->configure = std::move(configure);
}

Emit Program::emitter() {
  return [state = state_.get()](const Event& event) { state->send(event); };
}

int Program::run() {
  ignore_sigpipe();
  state_->take_output();
  state_->send(state_->hello());
  const Status end = state_->read_to_end();
  if (!end) log_error(state_->options.name, "{}", end.error().message);
  if (state_->pool && !state_->pool->stop(patience_at_end)) {
    log_error(state_->options.name, "an action did not stop; ending without it");
    std::_Exit(1);
  }
  state_->pool.reset();
  return end ? 0 : 1;
}

}  // namespace nubo::driver
