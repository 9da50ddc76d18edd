// SPDX-License-Identifier: Apache-2.0
#include <strings.h>

#include <charconv>
#include <utility>

#include "base/numbers.h"
#include "client/http.h"

namespace nubo::client {
namespace {

constexpr std::size_t largest_head = 64 * 1024;
constexpr std::size_t largest_body = 1024UL * 1024 * 1024;

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Failure malformed() { return fail(Code::internal, "the answer is no HTTP"); }

Failure too_large() { return fail(Code::internal, "the answer is larger than 1 GiB"); }

}  // namespace

Status ResponseParser::feed(std::string_view bytes) {
  if (has_head_ && length_) {  // the usual case: the body goes straight to its place
    body_.append(bytes.substr(0, *length_ - body_.size()));
    complete_ = body_.size() == *length_;
    return ok();
  }
  pending_.append(bytes);
  if (!has_head_) {
    const auto end = pending_.find("\r\n\r\n");
    if (end == std::string::npos) return pending_.size() > largest_head ? malformed() : ok();
    const std::string head = pending_.substr(0, end);
    pending_.erase(0, end + 4);
    NUBO_CHECK(parse_head(head));
    if (status_ == 100) {
      const std::string rest = std::move(pending_);
      *this = ResponseParser{};
      return feed(rest);
    }
    has_head_ = true;
  }
  return chunked_ ? take_chunks() : take_body();
}

Status ResponseParser::end() {
  if (!has_head_ || chunked_ || length_) {
    return fail(Code::internal, "the connection was closed before the answer was complete");
  }
  keep_alive_ = false;
  complete_ = true;
  return ok();
}

Status ResponseParser::parse_head(std::string_view head) {
  std::string_view line = head.substr(0, head.find("\r\n"));
  if (!line.starts_with("HTTP/1.") || line.size() < 12) return malformed();
  keep_alive_ = line[7] != '0';
  const auto status = parse_number<int>(line.substr(9, 3));
  if (!status) return malformed();
  status_ = *status;
  while (head.size() > line.size()) {
    head.remove_prefix(line.size() + 2);
    line = head.substr(0, head.find("\r\n"));
    NUBO_CHECK(parse_header(line));
  }
  return ok();
}

Status ResponseParser::parse_header(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return malformed();
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (same_word(name, "connection")) keep_alive_ = !same_word(value, "close");
  if (same_word(name, "transfer-encoding")) chunked_ = same_word(value, "chunked");
  if (same_word(name, "content-length")) {
    length_ = parse_number<std::size_t>(value);
    if (!length_) return malformed();
    if (*length_ > largest_body) return too_large();
  }
  return ok();
}

Status ResponseParser::take_body() {
  const std::string bytes = std::exchange(pending_, {});
  if (length_) {
    body_.reserve(*length_);
    body_ = bytes.substr(0, *length_);
    complete_ = body_.size() == *length_;
    return ok();
  }
  body_.append(bytes);
  return body_.size() > largest_body ? too_large() : ok();
}

Status ResponseParser::take_chunks() {
  for (;;) {
    const auto line_end = pending_.find("\r\n");
    if (line_end == std::string::npos) return ok();
    std::size_t size = 0;
    const char* begin = pending_.data();
    const auto [next, error] = std::from_chars(begin, begin + line_end, size, 16);
    if (error != std::errc{} || next == begin) return malformed();
    if (size > largest_body || body_.size() > largest_body) return too_large();
    if (pending_.size() < line_end + 2 + size + 2) return ok();
    body_.append(pending_, line_end + 2, size);
    pending_.erase(0, line_end + 2 + size + 2);
    if (size == 0) {
      complete_ = true;
      return ok();
    }
  }
}

}  // namespace nubo::client
