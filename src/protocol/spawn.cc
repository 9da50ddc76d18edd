// SPDX-License-Identifier: Apache-2.0
#include "protocol/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/assert.h"

namespace nubo::driver {

namespace {

struct Pipe {
  Fd read, write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(Code::internal, "cannot make a pipe: {}", std::strerror(errno));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

std::vector<std::string> merged_environment(const std::vector<std::string>& ours) {
  std::vector<std::string> merged = ours;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const bool replaced = std::any_of(ours.begin(), ours.end(), [entry](const std::string& own) {
      return name_of(own) == name_of(*entry);
    });
    if (!replaced) merged.emplace_back(*entry);
  }
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// The attributes and file actions of one posix_spawn.
class Plan {
 public:
  explicit Plan(const std::array<int, 3>& streams) {
    ::posix_spawn_file_actions_init(&actions);
    for (int number = 0; const int fd : streams)
      ::posix_spawn_file_actions_adddup2(&actions, fd, number++);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    sigset_t all, none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
  }

  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  ~Plan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

}  // namespace

Result<Child> spawn(const std::vector<std::string>& argv,
                    const std::vector<std::string>& environment, Streams streams) {
  NUBO_ASSERT(!argv.empty());
  NUBO_TRY(Pipe in, make_pipe());
  NUBO_TRY(Pipe out, make_pipe());
  NUBO_TRY(Pipe err, make_pipe());
  if (streams.input >= 0) in.write.reset();
  if (streams.output >= 0) out.read.reset();
  const Plan plan({streams.input >= 0 ? streams.input : in.read.get(),
                   streams.output >= 0 ? streams.output : out.write.get(), err.write.get()});
  std::vector<std::string> arguments = argv;
  std::vector<std::string> merged = merged_environment(environment);
  Child child;
  const int error = ::posix_spawn(&child.pid, argv[0].c_str(), &plan.actions, &plan.attributes,
                                  pointers(arguments).data(), pointers(merged).data());
  if (error != 0) return fail(Code::internal, "cannot start {}: {}", argv[0], std::strerror(error));
  // glibc 2.36 declares pidfd_open() for C only.
  child.process = Fd(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
  if (!child.process) {
    const int why = errno;
    ::kill(-child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    return fail(Code::internal, "cannot watch {}: {}", argv[0], std::strerror(why));
  }
  child.input = std::move(in.write);
  child.output = std::move(out.read);
  child.error = std::move(err.read);
  for (const Fd* fd : {&child.input, &child.output, &child.error})
    ::fcntl(fd->get(), F_SETFL, ::fcntl(fd->get(), F_GETFL) | O_NONBLOCK);
  return child;
}

std::string describe_end(int wait_status) {
  if (WIFSIGNALED(wait_status)) return fmt::format("signal {}", WTERMSIG(wait_status));
  return fmt::format("exit code {}", WEXITSTATUS(wait_status));
}

void ignore_sigpipe() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace nubo::driver
