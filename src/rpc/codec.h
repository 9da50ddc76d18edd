// SPDX-License-Identifier: Apache-2.0
// XML-RPC documents in and out. Calls are UTF-8, whatever they declare, and read through
// text/xml_reader.h, which knows neither document types nor deep nesting. A pool of 20 MB is escaped
// into its envelope while it is sent, piece by piece. Any thread. Wire facts: sheet api.md §1, §3.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "api/call.h"

namespace nubo::rpc {

struct Call {
  std::string method;
  std::vector<api::Value> params;
};

/// Fault -503 for what is no XML-RPC call. Whoever has received it has limited its size.
tl::expected<Call, api::Fault> decode_call(std::string_view document);

/// The array that the API answers with: 3 elements on success, 5 on failure.
api::Value reply_array(api::Value value);
api::Value reply_array(const Error& error);

/// What leaves as a document: system.* answers are bare values, those of the API arrays.
using Answer = std::variant<api::Value, api::Fault>;

/// A methodResponse on its way out. Short strings are escaped at once, long ones (api::Text, and
/// others of that size) when their piece is taken. Strings lose the control bytes that XML cannot
/// hold; bytes that are no UTF-8 become U+FFFD; a carriage return arrives as one.
class Document {
 public:
  struct Segment {
    std::string ready;               // as it leaves
    const api::Text* raw = nullptr;  // is escaped and follows
  };

  explicit Document(Answer answer);

  /// Bytes of all pieces.
  std::size_t size() const { return size_; }

  /// Bytes that wait in memory to become pieces; those that others own do not count.
  std::size_t kept_bytes() const { return kept_bytes_; }

  /// The next piece, of some 100 KB; "" behind the last.
  std::string next();

 private:
  void measure(const Segment& segment);
  bool append_raw(std::string& piece);

  std::unique_ptr<const api::Value> answer_;
  std::vector<Segment> segments_;
  std::size_t size_ = 0;
  std::size_t kept_bytes_ = 0;
  std::size_t segment_ = 0;  // where the next piece begins
  std::size_t part_ = 0;     // of its raw text
  std::string made_;         // that part, when it is one that is made
  std::size_t byte_ = 0;     // of that part
};

/// The whole document, for answers that are known to be short.
std::string encode_answer(Answer answer);

}  // namespace nubo::rpc
