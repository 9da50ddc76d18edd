// SPDX-License-Identifier: Apache-2.0
#include "bench/floor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "base/fd.h"
#include "bench/latencies.h"

namespace nubo::bench {
namespace {

constexpr int rounds = 3000;
constexpr timeval longest_wait{.tv_sec = 20, .tv_usec = 0};  // for one message
constexpr std::size_t pages = 8192;                          // bytes written for each request
constexpr std::size_t log_size = 4U << 20U;
using Message = std::array<char, 500>;

Failure failed(std::string_view what) {
  return fail(Code::internal, "bare socket with fdatasync: {}: {}", what,
              std::generic_category().message(errno));
}

struct Pair {
  Fd client, service;
};

Result<Pair> connected_pair() {
  const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets take addresses
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), name, size) < 0 || ::getsockname(listener.get(), name, &size) < 0 ||
      ::listen(listener.get(), 1) < 0) {
    return failed("cannot listen");
  }
  Pair pair{Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), Fd()};
  if (::connect(pair.client.get(), name, size) < 0) return failed("cannot connect");
  pair.service = Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const int on = 1;
  for (const Fd* end : {&pair.client, &pair.service}) {
    ::setsockopt(end->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::setsockopt(end->get(), SOL_SOCKET, SO_RCVTIMEO, &longest_wait, sizeof(longest_wait));
  }
  return pair;
}

/// A file of that size whose blocks are on the disk already.
Result<Fd> written_file(const std::filesystem::path& path) {
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const std::string all(log_size, 'x');
  if (::write(file.get(), all.data(), all.size()) < 0 || ::fsync(file.get()) < 0) {
    return failed("cannot write " + path.string());
  }
  return file;
}

bool receive(const Fd& socket, Message& message) {
  return ::recv(socket.get(), message.data(), message.size(), MSG_WAITALL) ==
         static_cast<ssize_t>(message.size());
}

bool send(const Fd& socket, const Message& message) {
  return ::send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(message.size());
}

/// Until the client hangs up; hangs up itself when it cannot write.
void serve(const Fd& socket, const Fd& file) {
  Message message{};
  const std::string change(pages, 'y');
  std::size_t at = 0;
  while (receive(socket, message) &&
         ::pwrite(file.get(), change.data(), pages, static_cast<off_t>(at)) > 0 &&
         ::fdatasync(file.get()) == 0 && send(socket, message)) {
    at = (at + pages) % log_size;
  }
  ::shutdown(socket.get(), SHUT_RDWR);
}

Result<double> rate_of(const Fd& socket) {
  Message message{};
  const auto began = Steady::now();
  for (int i = 0; i < rounds; ++i) {
    if (!send(socket, message) || !receive(socket, message)) return failed("no answer");
  }
  return rounds / Seconds(Steady::now() - began).count();
}

}  // namespace

Result<double> least_durable_service(const std::filesystem::path& directory) {
  const auto path = directory / "floor";
  NUBO_TRY(const Fd file, written_file(path));
  NUBO_TRY(const Pair pair, connected_pair());
  std::jthread service([&] { serve(pair.service, file); });
  Result<double> rate = rate_of(pair.client);
  ::shutdown(pair.client.get(), SHUT_RDWR);
  service.join();
  std::filesystem::remove(path);
  return rate;
}

}  // namespace nubo::bench
