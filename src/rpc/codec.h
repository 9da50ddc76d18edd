// SPDX-License-Identifier: Apache-2.0
// XML-RPC documents in and out. Calls are parsed by xmlrpc-c, behind guards: no document type (its
// entities would be expanded), no second encoding, no deep nesting. Answers are written here: their
// shapes are few, and a pool of 20 MB is escaped once into its envelope. Pure functions, any
// thread. Wire facts: sheet api.md §1 and §3.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "api/call.h"

namespace nubo::rpc {

struct Call {
  std::string method;
  std::vector<api::Value> params;
};

/// Calls larger than this fault with -509. Once, before the first decode_call(): the limit is
/// xmlrpc-c's and of the whole process.
void limit_documents(std::size_t bytes);

/// Faults: -503 for what is no XML-RPC call, -509 for one too large.
tl::expected<Call, api::Fault> decode_call(std::string_view document);

/// The array that the API answers with: 3 elements on success, 5 on failure.
api::Value reply_array(api::Value value);
api::Value reply_array(const Error& error);

/// methodResponse documents. Strings lose the control bytes that XML cannot hold; bytes that are no
/// UTF-8 become U+FFFD; a carriage return arrives as one.
std::string encode_answer(const api::Value& value);
std::string encode_answer(const api::Fault& fault);

}  // namespace nubo::rpc
