// SPDX-License-Identifier: Apache-2.0
// Base64 with the standard alphabet, padded, on one line: how documents and texts travel inside
// templates and to scripts.
#pragma once

#include <string>
#include <string_view>

namespace nubo {

std::string to_base64(std::string_view bytes);

}  // namespace nubo
