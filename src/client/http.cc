// SPDX-License-Identifier: Apache-2.0
#include "client/http.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace nubo::client {
namespace {

std::string system_text(int number) { return std::generic_category().message(number); }

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) {
    return fail(Code::internal, "endpoint \"{}\" does not begin with http://", url);
  }
  std::string_view rest = url.substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  Endpoint endpoint{.host = "", .port = "80", .path = std::string(rest.substr(slash))};
  if (endpoint.path.size() < 2) endpoint.path = "/RPC2";
  rest = rest.substr(0, slash);
  const auto bracket = rest.starts_with('[') ? rest.find(']') : 0;
  if (bracket == std::string_view::npos) return fail(Code::internal, "endpoint \"{}\": no ]", url);
  if (const auto colon = rest.find(':', bracket); colon != std::string_view::npos) {
    endpoint.port = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  endpoint.host = bracket > 0 ? rest.substr(1, bracket - 1) : rest;
  if (endpoint.host.empty() || endpoint.port.empty()) {
    return fail(Code::internal, "endpoint \"{}\" names no host", url);
  }
  return endpoint;
}

HttpConnection::HttpConnection(Endpoint endpoint, std::chrono::milliseconds timeout)
    : endpoint_(std::move(endpoint)), timeout_(timeout) {}

HttpConnection::~HttpConnection() { close(); }

void HttpConnection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

// A server may close a kept connection at any time. Seen before sending, that is no reason to
// fail; after sending, the request may have been carried out and is not sent again.
bool HttpConnection::is_usable() const {
  if (socket_ < 0) return false;
  pollfd poll_entry{.fd = socket_, .events = POLLIN, .revents = 0};
  return ::poll(&poll_entry, 1, 0) == 0;
}

Result<std::string> HttpConnection::post(std::string_view body) {
  const auto deadline = std::chrono::steady_clock::now() + timeout_;
  if (!is_usable()) {
    close();
    NUBO_CHECK(connect(deadline));
  }
  std::string request = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: nubo\r\nContent-Type: text/xml\r\n"
      "Content-Length: {}\r\n\r\n",
      endpoint_.path, endpoint_.host, endpoint_.port, body.size());
  request += body;
  auto answer = exchange(request, deadline);
  if (!answer) {
    close();
    return context(answer.error(), fmt::format("oned at {}:{}", endpoint_.host, endpoint_.port));
  }
  return answer;
}

Result<std::string> HttpConnection::exchange(std::string_view request, Deadline deadline) {
  NUBO_CHECK(send(request, deadline));
  ResponseParser response;
  std::string buffer(256 * 1024, '\0');
  while (!response.is_complete()) {
    NUBO_TRY(const std::size_t count, receive(buffer, deadline));
    NUBO_CHECK(count > 0 ? response.feed(std::string_view(buffer).substr(0, count))
                         : response.end());
  }
  if (!response.keeps_alive()) close();
  if (response.status() != 200) return fail(Code::internal, "HTTP status {}", response.status());
  return std::move(response.body());
}

Status HttpConnection::connect(Deadline deadline) {
  const addrinfo hints{
      .ai_flags = AI_ADDRCONFIG, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  const char* port = endpoint_.port.c_str();
  if (const int error = ::getaddrinfo(endpoint_.host.c_str(), port, &hints, &found); error != 0) {
    return fail(Code::internal, "host {}: {}", endpoint_.host, ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  std::string reason = "no address";
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    constexpr int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    socket_ = ::socket(address->ai_family, address->ai_socktype | flags, address->ai_protocol);
    if (socket_ < 0) continue;
    int error = ::connect(socket_, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS && wait(POLLOUT, deadline)) {
      socklen_t size = sizeof(error);
      ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) {
      const int on = 1;
      ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      return ok();
    }
    reason = system_text(error == EINPROGRESS ? ETIMEDOUT : error);
    close();
  }
  return fail(Code::internal, "cannot connect to oned at {}:{}: {}", endpoint_.host, port, reason);
}

Status HttpConnection::wait(short events, Deadline deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd poll_entry{.fd = socket_, .events = events, .revents = 0};
    const int ready =
        ::poll(&poll_entry, 1, static_cast<int>(std::clamp<long long>(left.count(), 0, 3'600'000)));
    if (ready > 0) return ok();
    if (ready == 0 && left.count() <= 3'600'000) {
      return fail(Code::internal, "no answer within {} s",
                  std::chrono::duration_cast<std::chrono::seconds>(timeout_).count());
    }
    if (ready < 0 && errno != EINTR) return fail(Code::internal, "{}", system_text(errno));
  }
}

Status HttpConnection::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      NUBO_CHECK(wait(POLLOUT, deadline));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return ok();  // the server gave its answer before it had read all: it is read now
    } else if (errno != EINTR) {
      return fail(Code::internal, "{}", system_text(errno));
    }
  }
  return ok();
}

Result<std::size_t> HttpConnection::receive(std::string& buffer, Deadline deadline) {
  for (;;) {
    const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN) {
      NUBO_CHECK(wait(POLLIN, deadline));
    } else if (errno != EINTR) {
      return fail(Code::internal, "{}", system_text(errno));
    }
  }
}

}  // namespace nubo::client
