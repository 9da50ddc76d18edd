// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 POST over one kept-open TCP connection, blocking with a deadline. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nubo::client {

struct Endpoint {
  std::string host;
  std::string port;
  std::string path;

  bool operator==(const Endpoint&) const = default;
};

/// Takes "http://host[:port][/path]", host also as [IPv6]. Defaults: port 80, path /RPC2.
Result<Endpoint> parse_endpoint(std::string_view url);

/// Assembles one HTTP response from bytes as they arrive.
class ResponseParser {
 public:
  /// More bytes; Code::internal when they are no HTTP response or exceed 1 GiB.
  Status feed(std::string_view bytes);
  /// The peer closed: completes a body without a length, else Code::internal.
  Status end();

  bool is_complete() const { return complete_; }

  bool keeps_alive() const { return keep_alive_; }

  int status() const { return status_; }

  std::string& body() { return body_; }

 private:
  Status parse_head(std::string_view head);
  Status parse_header(std::string_view line);
  Status take_body();
  Status take_chunks();

  std::string pending_;  // bytes not yet understood
  std::string body_;
  std::optional<std::size_t> length_;
  int status_ = 0;
  bool chunked_ = false;
  bool keep_alive_ = true;
  bool has_head_ = false;
  bool complete_ = false;
};

class HttpConnection {
 public:
  HttpConnection(Endpoint endpoint, std::chrono::milliseconds timeout);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  ~HttpConnection();

  /// Posts `body` as text/xml and returns the body of a 200; all else is Code::internal with what
  /// went wrong. Connects when there is no usable connection yet.
  Result<std::string> post(std::string_view body);

 private:
  using Deadline = std::chrono::time_point<std::chrono::steady_clock>;

  Result<std::string> exchange(std::string_view request, Deadline deadline);
  Status connect(Deadline deadline);
  Status send(std::string_view bytes, Deadline deadline);
  Result<std::size_t> receive(std::string& buffer, Deadline deadline);
  Status wait(short events, Deadline deadline);
  bool is_usable() const;
  void close();

  Endpoint endpoint_;
  std::chrono::milliseconds timeout_;
  int socket_ = -1;
};

}  // namespace nubo::client
