// SPDX-License-Identifier: Apache-2.0
// DriverProcess: one run of a driver program from its start to its reaping: messages out and in,
// its standard error to the log. What it writes is untrusted. Lives on the io thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drivers/timers.h"
#include "nubo/driver/message.h"

namespace nubo {

class DriverProcess : public std::enable_shared_from_this<DriverProcess> {
 public:
  struct Command {
    std::string name;  // in the log
    std::vector<std::string> argv;
    Milliseconds stalled_write{30'000};  // a program that reads nothing for so long is killed
  };

  struct Listener {
    std::function<void(driver::FromDriver)> message;
    std::function<void(const std::string& why)> end;  // the last call, once it is reaped
  };

  /// Code::internal when it cannot be started; then the listener is not called.
  static Result<std::shared_ptr<DriverProcess>> start(boost::asio::io_context& io, Timers& timers,
                                                      Command command, Listener listener);
  ~DriverProcess();

  /// Code::internal when the message is too long for a line; then nothing is sent.
  Status send(const driver::ToDriver& message);
  /// Ends its input behind what was sent; a program ends then.
  void close_input();
  /// Sends a signal to the program and what it started in its process group.
  void signal(int number);
  /// SIGKILL; what it wrote is not read any more, the listener hears `why` at the end.
  void kill(const std::string& why);
  /// SIGKILL, reaped here and now; the listener is not called any more.
  void abandon();

 private:
  struct Pipes;

  DriverProcess(Timers& timers, Command command, Listener listener);

  void await_output();
  void await_errors();
  void await_end();
  void await_input();
  bool read_output();
  bool read_errors();
  void write_input();
  void take_line(const std::string& line);
  void read_rest();
  void reap();

  Timers& timers_;
  Command command_;
  Listener listener_;
  std::unique_ptr<Pipes> pipes_;
  int pid_ = -1;  // -1: reaped
  std::deque<std::string> unwritten_;
  std::size_t written_ = 0;  // bytes of the first of them
  bool closing_ = false;     // close_input() was called
  int bad_lines_ = 0;
  std::string why_;  // why we killed it; then its lines do not count any more
  Timer stalled_;
};

}  // namespace nubo
