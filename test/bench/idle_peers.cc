// SPDX-License-Identifier: Apache-2.0
#include "bench/idle_peers.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace nubo::bench {
namespace {

std::string error_text() { return std::generic_category().message(errno); }

bool is_open(const Fd& socket) {
  pollfd entry{.fd = socket.get(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&entry, 1, 0) == 0;
}

}  // namespace

Result<IdlePeers> IdlePeers::open(const Target& target, int count, int window) {
  IdlePeers peers;
  const sockaddr_in address = target.address();
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets take addresses
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  for (int i = 0; i < count; ++i) {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return fail(Code::internal, "socket {}: {}", i, error_text());
    if (window > 0) {
      ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
    }
    if (::connect(socket.get(), generic, sizeof(address)) < 0) {
      return fail(Code::internal, "connection {}: {}", i, error_text());
    }
    peers.sockets_.push_back(std::move(socket));
  }
  return peers;
}

void IdlePeers::send(const std::string& bytes) {
  for (const Fd& socket : sockets_) {
    (void)::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
}

void IdlePeers::dribble(const std::string& bytes) {
  const std::size_t at = dribbled_++ % bytes.size();
  for (const Fd& socket : sockets_) {
    (void)::send(socket.get(), bytes.data() + at, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}

void IdlePeers::sip(std::size_t count) {
  std::string buffer(count, '\0');
  for (const Fd& socket : sockets_) {
    (void)::recv(socket.get(), buffer.data(), count, MSG_DONTWAIT);
  }
}

int IdlePeers::open_count() const {
  return static_cast<int>(std::ranges::count_if(sockets_, is_open));
}

Status allow_descriptors(int count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto wanted = static_cast<rlim_t>(count);
  if (limit.rlim_cur >= wanted) return ok();
  limit.rlim_cur = wanted;
  limit.rlim_max = std::max(limit.rlim_max, wanted);
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return ok();
  return fail(Code::internal, "cannot open {} files: {}", count, error_text());
}

}  // namespace nubo::bench
