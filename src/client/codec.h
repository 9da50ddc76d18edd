// SPDX-License-Identifier: Apache-2.0
// XML-RPC as a client of oned needs it: calls out, the API's reply arrays and faults in (sheet
// api.md §3). Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "nubo/client/client.h"

namespace nubo::client {

/// The methodCall document. Control characters that XML cannot hold are left out of strings.
std::string encode_call(std::string_view method, std::string_view session, const Params& params);

/// The result of a methodResponse; a failure array and a fault are errors (see Client::call), and
/// so is anything that is neither, Code::internal.
Result<Value> decode_reply(std::string_view document);

}  // namespace nubo::client
