// SPDX-License-Identifier: Apache-2.0
// Bodies of HTTP requests: any is a call or a fault, and the values of a call can be sent and read
// again.
#include <string>

#include "base/assert.h"
#include "rpc/codec.h"

namespace nubo::rpc {
namespace {

/// The answer with this value, as a call with this parameter.
std::string call_with(const api::Value& value) {
  std::string document = encode_answer(value);
  const std::string_view answer = "methodResponse>";
  for (auto at = document.find(answer); at != document.npos; at = document.find(answer, at)) {
    const bool is_first = document[at - 1] == '<';
    document.replace(at, answer.size(),
                     is_first ? "methodCall><methodName>a</methodName>" : "methodCall>");
    if (!is_first) break;
  }
  return document;
}

void check(std::string_view document) {
  const auto call = decode_call(document);
  if (!call) {
    NUBO_ASSERT(!call.error().text.empty());
    return (void)encode_answer(call.error());
  }
  for (const api::Value& value : call->params) {
    const auto again = decode_call(call_with(value));
    NUBO_ASSERT(again && again->params.size() == 1);
    NUBO_ASSERT(again->params[0].data.index() == value.data.index());
  }
}

}  // namespace
}  // namespace nubo::rpc

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  nubo::rpc::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
