// SPDX-License-Identifier: Apache-2.0
// HttpPeer: a bare TCP client for tests of the listener: sends bytes as they are and reads what
// comes. Every read ends after ten seconds at the latest.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace nubo::test {

class HttpPeer {
 public:
  explicit HttpPeer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;

  ~HttpPeer() { ::close(socket_); }

  bool is_connected() const { return is_connected_; }

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// One response, head and body; what there is of it when the connection ends or nothing comes.
  std::string receive() {
    while (size_of_first() == std::string::npos) {
      const std::string more = read_some();
      if (more.empty()) return std::exchange(received_, {});
      received_ += more;
    }
    std::string response = received_.substr(0, size_of_first());
    received_.erase(0, response.size());
    return response;
  }

  /// Until an answer begins to arrive; reads nothing.
  void await_bytes() const {
    char byte = 0;
    (void)::recv(socket_, &byte, 1, MSG_PEEK);
  }

  /// Waits for the server to reset the connection, whatever is still to be read.
  bool is_cut() const {
    pollfd entry{.fd = socket_, .events = POLLRDHUP, .revents = 0};
    return ::poll(&entry, 1, 10'000) == 1;
  }

  /// Whether the server ends the connection (having sent nothing more).
  bool is_closed() {
    return received_.empty() && read_some().empty() && errno != EAGAIN && errno != EWOULDBLOCK;
  }

 private:
  std::string read_some() const {
    std::string buffer(64 * 1024, '\0');
    errno = 0;
    const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    buffer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return buffer;
  }

  std::size_t size_of_first() const {
    const auto head_end = received_.find("\r\n\r\n");
    if (head_end == std::string::npos) return head_end;
    const auto length = received_.find("Content-length: ");
    if (length > head_end) return head_end + 4;  // 100 Continue
    const auto size = head_end + 4 + std::strtoul(received_.c_str() + length + 16, nullptr, 10);
    return received_.size() < size ? std::string::npos : size;
  }

  int socket_;
  bool is_connected_ = false;
  std::string received_;
};

}  // namespace nubo::test
