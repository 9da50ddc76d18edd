// SPDX-License-Identifier: Apache-2.0
#include "cli/shell.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "cli/connection.h"

namespace nubo::cli {
namespace {

std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? value : "";
}

Terminal terminal() {
  Terminal found{isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, 0, 0};
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
    return {found.in, found.out, size.ws_row, size.ws_col};
  // Piped output of someone who sits at a terminal is as wide as that terminal.
  const int controlling = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
  if (controlling < 0) return found;
  if (ioctl(controlling, TIOCGWINSZ, &size) == 0) {
    found.rows = size.ws_row;
    found.columns = size.ws_col;
  }
  close(controlling);
  return found;
}

std::optional<std::string> piped_input() {
  struct stat info {};

  if (isatty(STDIN_FILENO) || fstat(STDIN_FILENO, &info) != 0 || S_ISCHR(info.st_mode)) return {};
  pollfd waiting{STDIN_FILENO, POLLIN, 0};
  // A pipe whose writer has just started is given a moment, an idle one is left alone.
  if (poll(&waiting, 1, S_ISREG(info.st_mode) ? -1 : 100) <= 0) return {};
  std::string text;
  std::array<char, 65536> buffer{};
  for (ssize_t count = 0; (count = read(STDIN_FILENO, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  if (text.empty()) return {};
  return text;
}

Result<std::string> ask(const std::string& prompt, bool secret) {
  std::cout << prompt << std::flush;
  termios before{};
  if (secret) {
    if (tcgetattr(STDIN_FILENO, &before) != 0)
      return fail(Code::internal, "There is no terminal to ask for a password");
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  if (secret) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cout << '\n';
  }
  if (!read) return fail(Code::internal, "Nothing to read for \"{}\"", prompt);
  return line;
}

int execute(const std::vector<std::string>& command) {
  std::cout.flush();
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) return 127;
  if (child == 0) {
    execvp(words[0], words.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(Code::internal, "Cannot read {}: {}", path, std::strerror(errno));
  return std::move(text).str();
}

Result<std::string> edit(const std::string& text) {
  std::string path =
      fmt::format("{}/one-cli-XXXXXX", std::filesystem::temp_directory_path().string());
  const int file = mkstemp(path.data());
  if (file < 0)
    return fail(Code::internal, "Cannot make a temporary file: {}", std::strerror(errno));
  const ssize_t written = write(file, text.data(), text.size());
  close(file);
  std::string editor = variable("EDITOR");
  if (editor.empty()) editor = "/usr/bin/vi";
  const int code = written == static_cast<ssize_t>(text.size())
                       ? execute({"/bin/sh", "-c", editor + " \"$0\"", path})
                       : 1;
  Result<std::string> edited = read_file(path);
  std::filesystem::remove(path);
  if (code != 0) return fail(Code::internal, "{} ended with {}", editor, code);
  return edited;
}

Status write_secret_file(const std::string& path, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return fail(Code::internal, "Cannot write {}: {}", path, std::strerror(errno));
  fchmod(file, 0600);
  const bool whole = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  if (!whole) return fail(Code::internal, "Cannot write {}: {}", path, std::strerror(errno));
  return ok();
}

void page(const std::string& text) {
  std::cout.flush();
  std::string pager = variable("ONE_PAGER");
  if (pager.empty()) pager = "more";
  FILE* stream = popen(pager.c_str(), "w");
  if (!stream) {
    std::cout << text;
    return;
  }
  fwrite(text.data(), 1, text.size(), stream);
  pclose(stream);
}

}  // namespace

Shell system_shell() {
  return {
      .out = std::cout,
      .err = std::cerr,
      .terminal = terminal(),
      .variable = variable,
      .piped_input = piped_input,
      .ask = ask,
      .edit = edit,
      .is_file = [](const std::string& path) { return std::filesystem::exists(path); },
      .read_file = read_file,
      .write_secret_file = write_secret_file,
      .now = [] { return static_cast<long long>(time(nullptr)); },
      .pause =
          [](std::chrono::milliseconds time) { poll(nullptr, 0, static_cast<int>(time.count())); },
      .execute = execute,
      .page = page,
      .connect = connect,
  };
}

}  // namespace nubo::cli
