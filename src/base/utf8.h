// SPDX-License-Identifier: Apache-2.0
// UTF-8 of untrusted text: what comes from a node, a script or a client.
#pragma once

#include <string>
#include <string_view>

namespace nubo {

/// Length of the one character of several bytes that `text` begins with; 0 when it does not.
std::size_t utf8_sequence_length(std::string_view text);

/// Length of the valid UTF-8 (no overlong forms, no surrogates) that `text` begins with.
std::size_t valid_utf8_prefix(std::string_view text);

/// The text with each byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

}  // namespace nubo
