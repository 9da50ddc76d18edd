// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver_process.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/log.h"
#include "base/utf8.h"
#include "protocol/line_buffer.h"
#include "protocol/spawn.h"

namespace nubo {

namespace {

using boost::asio::posix::stream_descriptor;

constexpr std::size_t longest_log_line = 2000;
constexpr int most_bad_lines = 1000;
constexpr int most_pieces_left = 16;  // a pipe holds 64 KiB

}  // namespace

// We wait for readiness and read ourselves: so nothing that the program wrote is in a buffer of
// Asio when its end is seen, and its last answers come before its end.
struct DriverProcess::Pipes {
  Pipes(boost::asio::io_context& io, driver::Child child)
      : process(io, child.process.release()),
        input(io, child.input.release()),
        output(io, child.output.release()),
        error(io, child.error.release()) {}

  stream_descriptor process, input, output, error;
  driver::LineBuffer lines{driver::longest_line};
  driver::LineBuffer log_lines{longest_log_line};
};

DriverProcess::DriverProcess(Timers& timers, Command command, Listener listener)
    : timers_(timers), command_(std::move(command)), listener_(std::move(listener)) {}

Result<std::shared_ptr<DriverProcess>> DriverProcess::start(boost::asio::io_context& io,
                                                            Timers& timers, Command command,
                                                            Listener listener) {
  driver::ignore_sigpipe();
  NUBO_TRY(driver::Child child, driver::spawn(command.argv));
  std::shared_ptr<DriverProcess> self(
      new DriverProcess(timers, std::move(command), std::move(listener)));
  self->pid_ = child.pid;
  self->pipes_ = std::make_unique<Pipes>(io, std::move(child));
  self->await_output();
  self->await_errors();
  self->await_end();
  return self;
}

DriverProcess::~DriverProcess() { abandon(); }

void DriverProcess::await_output() {
  pipes_->output.async_wait(stream_descriptor::wait_read,
                            [self = shared_from_this()](const boost::system::error_code& error) {
                              if (!error && self->pid_ >= 0 && self->read_output())
                                self->await_output();
                            });
}

void DriverProcess::await_errors() {
  pipes_->error.async_wait(stream_descriptor::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                             if (!error && self->pid_ >= 0 && self->read_errors())
                               self->await_errors();
                           });
}

void DriverProcess::await_end() {
  pipes_->process.async_wait(stream_descriptor::wait_read,
                             [self = shared_from_this()](const boost::system::error_code& error) {
                               if (!error && self->pid_ >= 0) self->reap();
                             });
}

void DriverProcess::await_input() {
  stalled_ = timers_.after(command_.stalled_write, [self = weak_from_this()] {
    if (const auto held = self.lock()) held->kill("reads no requests");
  });
  pipes_->input.async_wait(stream_descriptor::wait_write,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                             if (!error && self->pid_ >= 0) self->write_input();
                           });
}

// One piece, so that a program that floods us leaves room for the others; whether to go on.
bool DriverProcess::read_output() {
  std::array<char, 65536> bytes;
  const ssize_t got = ::read(pipes_->output.native_handle(), bytes.data(), bytes.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) {
    if (!closing_) kill("closed its output");
    return false;
  }
  pipes_->lines.add({bytes.data(), static_cast<std::size_t>(got)});
  while (why_.empty()) {
    const auto line = pipes_->lines.next();
    if (!line) break;
    take_line(*line);
  }
  if (!pipes_->lines.overflowed()) return true;
  kill("wrote a line that is too long");
  pipes_->lines.take_rest();
  return false;
}

void DriverProcess::take_line(const std::string& line) {
  Result<driver::FromDriver> message = driver::decode_from_driver(line);
  if (message) return listener_.message(std::move(*message));
  if (++bad_lines_ == 1)
    log_warning("drivers", "{} wrote a line that is skipped: {}", command_.name,
                message.error().message);
  if (bad_lines_ == most_bad_lines) kill("writes lines that are no messages");
}

bool DriverProcess::read_errors() {
  std::array<char, 4096> bytes;
  const ssize_t got = ::read(pipes_->error.native_handle(), bytes.data(), bytes.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) return false;
  driver::LineBuffer& lines = pipes_->log_lines;
  lines.add({bytes.data(), static_cast<std::size_t>(got)});
  while (const auto line = lines.next())
    log_info("drivers", "{}: {}", command_.name, to_valid_utf8(*line));
  if (lines.overflowed())
    log_info("drivers", "{}: {}", command_.name, to_valid_utf8(lines.take_rest()));
  return true;
}

Status DriverProcess::send(const driver::ToDriver& message) {
  std::string line = driver::encode(message) + '\n';
  if (line.size() > driver::longest_line)
    return fail(Code::internal, "a request of {} bytes is too long", line.size());
  unwritten_.push_back(std::move(line));
  if (unwritten_.size() == 1) await_input();
  return ok();
}

void DriverProcess::write_input() {
  while (!unwritten_.empty()) {
    const std::string_view rest = std::string_view(unwritten_.front()).substr(written_);
    const ssize_t written = ::write(pipes_->input.native_handle(), rest.data(), rest.size());
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) return await_input();
    if (written < 0) return kill("closed its input");
    written_ += static_cast<std::size_t>(written);
    if (static_cast<std::size_t>(written) < rest.size()) return await_input();
    unwritten_.pop_front();
    written_ = 0;
  }
  stalled_.reset();
  if (closing_) pipes_->input.close();
}

void DriverProcess::close_input() {
  closing_ = true;
  if (unwritten_.empty() && pid_ >= 0) pipes_->input.close();
}

void DriverProcess::signal(int number) {
  if (pid_ >= 0) ::kill(-pid_, number);
}

void DriverProcess::kill(const std::string& why) {
  if (why_.empty()) why_ = why;
  signal(SIGKILL);
}

// What it wrote before it ended is still read; not more, as a process that it left may go on
// writing.
void DriverProcess::read_rest() {
  for (int piece = 0; piece < most_pieces_left && why_.empty(); ++piece) {
    pollfd output{pipes_->output.native_handle(), POLLIN, 0};
    if (::poll(&output, 1, 0) <= 0 || !read_output()) break;
  }
  for (int piece = 0; piece < most_pieces_left && read_errors(); ++piece) continue;
  const std::string rest = pipes_->log_lines.take_rest();
  if (!rest.empty()) log_info("drivers", "{}: {}", command_.name, to_valid_utf8(rest));
}

void DriverProcess::reap() {
  closing_ = true;
  read_rest();
  signal(SIGKILL);  // what it may have left in its group
  int status = 0;
  ::waitpid(pid_, &status, 0);
  const bool killed = !why_.empty() && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  const std::string why =
      killed ? fmt::format("killed: it {}", why_) : driver::describe_end(status);
  pid_ = -1;
  stalled_.reset();
  pipes_->input.close();
  pipes_->output.close();
  pipes_->error.close();
  const auto end = std::exchange(listener_, {}).end;
  if (end) end(why);
}

void DriverProcess::abandon() {
  listener_ = {};
  if (pid_ < 0) return;
  signal(SIGKILL);
  ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  stalled_.reset();
  pipes_->process.close();
  pipes_->input.close();
  pipes_->output.close();
  pipes_->error.close();
}

}  // namespace nubo
