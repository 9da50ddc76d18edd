// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 §4, padded).
#pragma once

#include <string>
#include <string_view>

namespace nubo {

std::string base64_encode(std::string_view bytes);

/// Skips characters that are not of the alphabet, such as line ends and padding.
std::string base64_decode(std::string_view text);

}  // namespace nubo
