// SPDX-License-Identifier: Apache-2.0
#include "ssh/nodes.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/fd.h"
#include "nubo/driver/script.h"
#include "protocol/spawn.h"
#include "ssh/quote.h"
#include "ssh/session_pool.h"

namespace nubo::ssh {

namespace {

constexpr std::size_t longest_reason = 500;

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.size() > longest_reason) text.erase(0, text.size() - longest_reason);
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

void set_non_blocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

}  // namespace

Nodes::Nodes(Settings settings)
    : settings_(std::move(settings)), pool_(std::make_unique<SessionPool>(settings_)) {
  driver::ignore_sigpipe();
}

Nodes::~Nodes() = default;

bool Nodes::is_local(const std::string& node) const {
  return node.empty() || node == settings_.local_name;
}

Result<Outcome> Nodes::run(const std::string& node, const Command& command,
                           const driver::Context& context) {
  if (is_local(node)) return run_here(command, context);
  NUBO_TRY(auto lease, pool_->borrow(node, context));
  return lease.run(command, context);
}

Result<Outcome> Nodes::run_here(const Command& command, const driver::Context& context) {
  NUBO_TRY(auto result,
           driver::run_process({.argv = {"/bin/sh", "-c", with_prelude(command.script)},
                                .input = command.input,
                                .input_fd = command.input_fd,
                                .output_fd = command.output_fd,
                                .output_limit = command.output_limit},
                               context));
  return Outcome{result.exit_code, std::move(result.out), std::move(result.err)};
}

Result<std::string> Nodes::output(const std::string& node, const Command& command,
                                  const driver::Context& context) {
  NUBO_TRY(auto outcome, run(node, command, context));
  if (outcome.exit_status == 0) return std::move(outcome.out);
  const std::string where = is_local(node) ? "the front-end" : node;
  const std::string why = one_line(std::move(outcome.err));
  if (!why.empty()) return fail(Code::internal, "on {}: {}", where, why);
  return fail(Code::internal, "on {}: a command ended with exit code {}", where,
              outcome.exit_status);
}

Status Nodes::pipe(const Job& from, const Job& to, const driver::Context& context) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(Code::internal, "cannot make a pipe: {}", std::strerror(errno));
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  // A program of ours gets its end as it is; we ourselves must not wait in a write or a read.
  if (!is_local(from.node)) set_non_blocking(write_end.get());
  if (!is_local(to.node)) set_non_blocking(read_end.get());
  Result<std::string> sent;
  std::jthread sender([this, &from, &sent, &write_end, &context] {
    sent = output(from.node, {.script = from.script, .output_fd = write_end.get()}, context);
    write_end.reset();
  });
  const auto received = output(to.node, {.script = to.script, .input_fd = read_end.get()}, context);
  read_end.reset();
  sender.join();
  if (sent && received) return ok();
  if (sent) return Failure(received.error());
  if (received) return Failure(sent.error());
  return fail(Code::internal, "{}; {}", sent.error().message, received.error().message);
}

Status Nodes::write_file(const Place& to, const std::string& contents,
                         const driver::Context& context) {
  // The size tells a whole file from one that a lost connection cut short.
  const std::string script = fmt::format(
      "set -e; path={}; part=\"$path.part\"; mkdir -p -- \"$(dirname -- \"$path\")\"\n"
      "trap 'rm -f -- \"$part\"' EXIT; cat > \"$part\"\n"
      "[ \"$(wc -c < \"$part\")\" -eq {} ]; mv -fT -- \"$part\" \"$path\"",
      quote(to.path), contents.size());
  const auto written = output(to.node, {.script = script, .input = contents}, context);
  return written ? ok() : Failure(nubo::context(written.error(), "write " + to.path));
}

}  // namespace nubo::ssh
