// SPDX-License-Identifier: Apache-2.0
#include "nubo/driver/script.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <stop_token>

#include "base/utf8.h"
#include "protocol/spawn.h"

namespace nubo::driver {

namespace {

constexpr Milliseconds term_to_kill{2000};
const SystemClock kernel_clock;  // the grace between the signals is real time, whoever tests

// One run of a program: feeds its input, keeps its outputs, ends it when it is time.
class Run {
 public:
  Run(const Script& script, const Context& context, Child child)
      : script_(script),
        context_(context),
        child_(std::move(child)),
        wake_(eventfd(0, EFD_CLOEXEC)) {
    if (script.input.empty()) child_.input.reset();
  }

  Result<ScriptResult> to_end() {
    const auto wake_up = [this] { ::eventfd_write(wake_.get(), 1); };
    const std::stop_callback on_stop(context_.stop_token(), wake_up);
    for (wait(); !ended_; wait()) {
      if (context_.cancelled() && !kill_at_) stop();
      if (kill_at_ && kernel_clock.steady() >= *kill_at_) ::kill(-child_.pid, SIGKILL);
    }
    return result();
  }

 private:
  void wait() {
    // A negative descriptor is skipped by poll().
    const int wake = kill_at_ ? -1 : wake_.get();
    std::array<pollfd, 5> fds{{{child_.process.get(), POLLIN, 0},
                               {wake, POLLIN, 0},
                               {child_.input.get(), POLLOUT, 0},
                               {child_.output.get(), POLLIN, 0},
                               {child_.error.get(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), timeout()) < 0) return;
    if (fds[2].revents != 0) feed();
    if (fds[3].revents != 0) keep(child_.output, result_.out);
    if (fds[4].revents != 0) keep(child_.error, result_.err);
    if (fds[0].revents != 0) reap();
  }

  int timeout() const {
    Milliseconds left = context_.left();
    if (kill_at_) left = std::max(*kill_at_ - kernel_clock.steady(), Milliseconds(0));
    return static_cast<int>(std::min(left, Milliseconds(60'000)).count()) + 1;
  }

  void feed() {
    const auto rest = std::string_view(script_.input).substr(fed_);
    const ssize_t written = ::write(child_.input.get(), rest.data(), rest.size());
    if (written > 0) fed_ += static_cast<std::size_t>(written);
    const bool gone = written < 0 && errno != EAGAIN && errno != EINTR;
    if (gone || fed_ == script_.input.size()) child_.input.reset();
  }

  // Reads what is there; beyond the limit it is read and dropped, so that the program goes on.
  void keep(Fd& from, std::string& into) {
    std::array<char, 65536> bytes;
    const ssize_t got = ::read(from.get(), bytes.data(), bytes.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return from.reset();
    const std::size_t room = script_.output_limit - into.size();
    into.append(bytes.data(), std::min(static_cast<std::size_t>(got), room));
    if (static_cast<std::size_t>(got) > room && &into == &result_.out) overflowed_ = true;
  }

  void stop() {
    stopped_by_deadline_ = context_.left() == Milliseconds::zero();
    ::kill(-child_.pid, SIGTERM);
    kill_at_ = kernel_clock.steady() + term_to_kill;
  }

  // The program has ended but its id is still ours: what is left of a stopped group can be killed.
  void reap() {
    if (kill_at_) ::kill(-child_.pid, SIGKILL);
    int status = 0;
    ::waitpid(child_.pid, &status, 0);
    result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    // Not until the pipes end: a process that it left behind may hold them open.
    drain(child_.output, result_.out);
    drain(child_.error, result_.err);
    ended_ = true;
  }

  void drain(Fd& from, std::string& into) {
    pollfd fd{from.get(), POLLIN, 0};
    while (from && into.size() < script_.output_limit && ::poll(&fd, 1, 0) > 0) keep(from, into);
  }

  Result<ScriptResult> result() {
    if (kill_at_ && stopped_by_deadline_)
      return fail(Code::internal, "Timeout executing {}", script_.argv[0]);
    if (kill_at_) return fail(Code::internal, "{} was cancelled", script_.argv[0]);
    if (overflowed_)
      return fail(Code::internal, "{} printed more than {} bytes", script_.argv[0],
                  script_.output_limit);
    result_.out = to_valid_utf8(result_.out);
    result_.err = to_valid_utf8(result_.err);
    return std::move(result_);
  }

  const Script& script_;
  const Context& context_;
  Child child_;
  Fd wake_;
  ScriptResult result_;
  std::size_t fed_ = 0;
  std::optional<SteadyTime> kill_at_;  // set: it was told to end
  bool stopped_by_deadline_ = false;
  bool overflowed_ = false;
  bool ended_ = false;
};

bool is_log_line(std::string_view line) {
  constexpr std::array<std::string_view, 4> severities{"ERROR: ", "INFO: ", "WARN: ", "DEBUG: "};
  return std::any_of(severities.begin(), severities.end(),
                     [line](std::string_view severity) { return line.starts_with(severity); });
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

Result<ScriptResult> run_process(const Script& script, const Context& context) {
  ignore_sigpipe();
  NUBO_TRY(Child child,
           spawn(script.argv, script.environment, {script.input_fd, script.output_fd}));
  return Run(script, context, std::move(child)).to_end();
}

Result<std::string> run_script(const Script& script, const Context& context) {
  NUBO_TRY(ScriptResult result, run_process(script, context));
  std::string error;
  for (const std::string_view line : lines_of(result.err)) {
    const bool is_log = is_log_line(line);
    if (is_log || result.exit_code != 0) context.progress(line);
    if (!is_log) error.append(error.empty() ? "" : " ").append(line);
  }
  if (result.exit_code == 0) return std::move(result.out);
  if (error.empty())
    error = fmt::format("{} ended with exit code {}", script.argv[0], result.exit_code);
  return fail(Code::internal, "{}", error);
}

}  // namespace nubo::driver
