// SPDX-License-Identifier: Apache-2.0
#include "bench/daemon.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <thread>

#include "base/numbers.h"
#include "protocol/spawn.h"

namespace nubo::bench {
namespace {

namespace fs = std::filesystem;
using FileClock = fs::file_time_type::clock;

constexpr std::chrono::seconds start_limit{180};
constexpr std::chrono::milliseconds poll_interval{3};

bool answers(const Target& target) {
  client::Client client({.endpoint = target.endpoint(),
                         .session = target.session,
                         .timeout = std::chrono::seconds(10)});
  return client.call("one.system.version").has_value();
}

Result<std::string> first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (std::getline(file, line)) return line;
  return fail(Code::internal, "cannot read {}", path.string());
}

int reap(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

bool has_ended(const driver::Child& child) {
  pollfd process{.fd = child.process.get(), .events = POLLIN, .revents = 0};
  return ::poll(&process, 1, 0) > 0;
}

/// Waits for its end; when that is none of success, its reason: what it wrote as errors, if it did.
Status finish(const driver::Child& child, std::string_view what) {
  const int status = reap(child.pid);
  if (status == 0) return ok();
  std::array<char, 512> said{};
  const auto size = ::read(child.error.get(), said.data(), said.size());
  return fail(Code::internal, "{}: {} {}", what, driver::describe_end(status),
              std::string_view(said.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))));
}

}  // namespace

Daemon::Daemon(Options options)
    : options_(std::move(options)),
      directory_(options_.parent / options_.label),
      target_{.label = options_.label, .port = options_.port, .session = ""} {}

Daemon::~Daemon() {
  if (!fs::exists(directory_)) return;
  (void)stop();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

Status Daemon::run(const std::vector<std::string>& words) const {
  std::vector<std::string> argv{options_.program};
  argv.insert(argv.end(), words.begin(), words.end());
  NUBO_TRY(const driver::Child child, driver::spawn(argv));
  return finish(child, fmt::format("{} {}", options_.program, words.front()));
}

bool Daemon::is_up() {
  // The file is there some time before its line is.
  const auto session = first_line(directory_ / "one_auth");
  if (!session) return false;
  target_.session = *session;
  return answers(target_);
}

Result<Seconds> Daemon::start(Database database) {
  fs::create_directories(directory_);
  const auto asked = FileClock::now();
  std::vector<std::string> argv{options_.program, "start", directory_,
                                std::to_string(options_.port)};
  if (database == Database::kept) argv.emplace_back("--keep");
  NUBO_TRY(const driver::Child child, driver::spawn(argv));
  const std::string what = options_.program + " start";
  bool is_starting = true;
  while (!is_up()) {
    if (is_starting && has_ended(child)) {
      NUBO_CHECK(finish(child, what));
      is_starting = false;
    }
    if (FileClock::now() > asked + start_limit) {
      return fail(Code::internal, "{} does not answer", options_.label);
    }
    std::this_thread::sleep_for(poll_interval);
  }
  const auto answered = FileClock::now();
  if (is_starting) NUBO_CHECK(finish(child, what));
  std::error_code missing;
  const auto executed = fs::last_write_time(directory_ / "oned.pid", missing);
  return Seconds(answered - (missing || executed < asked ? asked : executed));
}

Status Daemon::stop() { return run({"stop", directory_}); }

Status Daemon::kill() { return run({"kill", directory_}); }

Result<client::Value> Daemon::call(std::string_view method, const client::Params& params) const {
  client::Client client({.endpoint = target_.endpoint(), .session = target_.session});
  auto answer = client.call(method, params);
  if (!answer) return context(answer.error(), method);
  return answer;
}

Result<int> Daemon::id(std::string_view method, const client::Params& params) const {
  NUBO_TRY(const client::Value value, call(method, params));
  if (const int* id = std::get_if<int>(&value)) return *id;
  return fail(Code::internal, "{}: no id", method);
}

Result<std::string> Daemon::text(std::string_view method, const client::Params& params) const {
  NUBO_TRY(client::Value value, call(method, params));
  if (auto* text = std::get_if<std::string>(&value)) return std::move(*text);
  return fail(Code::internal, "{}: no text", method);
}

Result<pid_t> Daemon::pid() const {
  NUBO_TRY(const std::string line, first_line(directory_ / "oned.pid"));
  if (const auto pid = parse_number<pid_t>(line)) return *pid;
  return fail(Code::internal, "{}/oned.pid: no number", directory_.string());
}

TreeUsage Daemon::usage() const {
  const auto root = pid();
  return root ? usage_of(*root) : TreeUsage{};
}

}  // namespace nubo::bench
