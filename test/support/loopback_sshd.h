// SPDX-License-Identifier: Apache-2.0
// A real sshd on loopback for the tests of the driver programs: own keys, own port, the user that
// runs the test; gone with the object. It can be frozen, thawed, and its connections cut.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "nubo/driver/script.h"
#include "protocol/spawn.h"
#include "ssh/settings.h"

namespace nubo::testing {

/// A directory of its own, gone with the object.
class TempDir {
 public:
  TempDir() {
    std::string name = "/var/tmp/nubo-test.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }

  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class LoopbackSshd {
 public:
  LoopbackSshd() {
    make_key("host_key");
    make_key("user_key");
    std::filesystem::copy_file(dir_ / "user_key.pub", dir_ / "authorized_keys");
    for (int attempt = 0; attempt < 5 && !listening_; ++attempt) start();
    if (!listening_) throw std::runtime_error("sshd does not start: " + said_);
    std::ofstream(dir_ / "known_hosts")
        << known_line("127.0.0.1") << known_line("127.0.0.2") << known_line("localhost");
  }

  LoopbackSshd(const LoopbackSshd&) = delete;
  LoopbackSshd& operator=(const LoopbackSshd&) = delete;

  ~LoopbackSshd() { stop(); }

  ssh::Settings settings() const {
    return {.user = user_name(),
            .port = port_,
            .keys = {dir_ / "user_key"},
            .known_hosts = {dir_ / "known_hosts"},
            .use_agent = false,
            .local_name = "frontend"};
  }

  /// The same as a driver program takes it.
  driver::Values values() const {
    return {{"SSH_USER", user_name()},
            {"SSH_PORT", std::to_string(port_)},
            {"SSH_KEYS", dir_ / "user_key"},
            {"SSH_KNOWN_HOSTS", dir_ / "known_hosts"},
            {"SSH_AGENT", "no"},
            {"HOSTNAME", "frontend"}};
  }

  const TempDir& dir() const { return dir_; }

  void make_key(const std::string& name) const {
    std::filesystem::remove(dir_ / name);
    run({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", dir_ / name});
  }

  /// The server and what serves the connections stand still.
  void freeze() const { signal_all(SIGSTOP); }

  void thaw() const { signal_all(SIGCONT); }

  /// Ends what serves the connections; new ones can be made.
  void cut_connections() const {
    for (const pid_t pid : below(server_.pid)) ::kill(pid, SIGKILL);
  }

  int connections() const { return static_cast<int>(children_of(server_.pid).size()); }

 private:
  static std::string user_name() { return ::geteuid() == 0 ? "root" : std::getenv("USER"); }

  static void run(const std::vector<std::string>& argv) {
    const SystemClock clock;
    const auto result = driver::run_process({.argv = argv}, driver::Context({}, clock));
    if (!result || result->exit_code != 0) throw std::runtime_error(argv[0] + " failed");
  }

  static int free_port() {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  std::string known_line(const std::string& host) const {
    std::ifstream file(dir_ / "host_key.pub");
    std::string type, key;
    file >> type >> key;
    return "[" + host + "]:" + std::to_string(port_) + " " + type + " " + key + "\n";
  }

  void start() {
    port_ = free_port();
    std::filesystem::create_directories("/run/sshd");  // sshd wants it when it runs as root
    std::ofstream(dir_ / "config")
        << "Port " << port_ << "\nListenAddress 127.0.0.1\nListenAddress 127.0.0.2\nHostKey "
        << dir_ / "host_key"
        << "\nAuthorizedKeysFile " << dir_ / "authorized_keys"
        << "\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none\n"
           "PasswordAuthentication no\nMaxStartups 100\nLogLevel INFO\n"
           // Not the start-up files of whoever runs the test.
           "SetEnv HOME="
        << dir_.path() << "\n";
    auto child = driver::spawn({"/usr/sbin/sshd", "-D", "-e", "-f", dir_ / "config"});
    if (!child) throw std::runtime_error(child.error().message);
    server_ = std::move(*child);
    said_.clear();
    while (!listening_ && read_more())
      listening_ = said_.find("Server listening on 127.0.0.1") != std::string::npos;
    if (!listening_) stop();
  }

  bool read_more() {
    pollfd ready{server_.error.get(), POLLIN, 0};
    std::array<char, 4096> bytes{};
    if (::poll(&ready, 1, 10'000) <= 0) return false;
    const ssize_t got = ::read(ready.fd, bytes.data(), bytes.size());
    if (got > 0) said_.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  void stop() {
    if (server_.pid < 0) return;
    for (const pid_t pid : below(server_.pid)) ::kill(pid, SIGKILL);
    ::kill(server_.pid, SIGKILL);
    ::waitpid(server_.pid, nullptr, 0);
    server_ = {};
  }

  void signal_all(int signal) const {
    for (const pid_t pid : below(server_.pid)) ::kill(pid, signal);
    ::kill(server_.pid, signal);
  }

  static std::vector<pid_t> children_of(pid_t pid) {
    const std::string id = std::to_string(pid);
    std::ifstream file("/proc/" + id + "/task/" + id + "/children");
    std::vector<pid_t> children;
    for (pid_t child = 0; file >> child;) children.push_back(child);
    return children;
  }

  static std::vector<pid_t> below(pid_t pid) {
    std::vector<pid_t> all = children_of(pid);
    for (std::size_t i = 0; i < all.size(); ++i)
      for (const pid_t child : children_of(all[i])) all.push_back(child);
    return all;
  }

  TempDir dir_;
  driver::Child server_;
  std::string said_;
  int port_ = 0;
  bool listening_ = false;
};

}  // namespace nubo::testing
