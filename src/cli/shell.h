// SPDX-License-Identifier: Apache-2.0
// Shell: all that a command touches outside itself: streams, terminal, environment, files, editor,
// clock and the daemon. The real one is made by system_shell() in shell.cc; tests play recorded
// answers through one of their own. One thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nubo/client/client.h"

namespace nubo::cli {

using Parameter = client::Value;
using Answer = client::Value;

/// One call of the API: its answer, or the error with the daemon's text.
using Caller = std::function<Result<Answer>(const std::string& method, const client::Params&)>;

/// Where to send calls and as whom; what was not given on the command line is found in the
/// environment and the files below $HOME/.one (connection.cc).
struct Account {
  std::string user;
  std::string password;
  std::string endpoint;
};

struct Terminal {
  bool in = false;
  bool out = false;
  int rows = 0;
  int columns = 0;  // also of the controlling terminal when output is a pipe; 0: no terminal
};

struct Shell {
  std::ostream& out;
  std::ostream& err;
  Terminal terminal;
  std::function<std::string(const std::string& name)> variable;  // "" when it is not set
  /// What stands in standard input when it can be read at once and is no terminal.
  std::function<std::optional<std::string>()> piped_input;
  /// A line typed after the prompt; `secret` without echo.
  std::function<Result<std::string>(const std::string& prompt, bool secret)> ask;
  /// The text as the user's editor left it.
  std::function<Result<std::string>(const std::string& text)> edit;
  std::function<bool(const std::string& path)> is_file;
  std::function<Result<std::string>(const std::string& path)> read_file;
  std::function<Status(const std::string& path, const std::string& text)> write_secret_file;
  std::function<long long()> now;  // seconds since 1970
  std::function<void(std::chrono::milliseconds)> pause;
  std::function<int(const std::vector<std::string>& command)> execute;
  /// Shows the text through $ONE_PAGER.
  std::function<void(const std::string& text)> page;
  std::function<Result<Caller>(const Account&)> connect;
};

/// The shell of this process.
Shell system_shell();

}  // namespace nubo::cli
