// SPDX-License-Identifier: Apache-2.0
// Digests, random secrets and the token of server_cipher (sheet api.md §2). OpenSSL stays behind
// digest.cc. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nubo {

/// Lowercase hex.
std::string sha256_hex(std::string_view text);
std::string sha1_hex(std::string_view text);

/// 64 random hex digits.
std::string random_secret();
std::uint32_t random_number();

/// The clear text of a base64 token: AES-256-CBC whose key is the first 32 characters of
/// `key_text` and whose IV is its first 16. Nothing when it is no such token.
std::optional<std::string> decrypt_token(std::string_view token, std::string_view key_text);
/// The other way; `key_text` has at least 32 characters.
std::string encrypt_token(std::string_view text, std::string_view key_text);

/// As tokens, but with an IV of zeros: stored attributes (sheet objects.md §11.1).
std::optional<std::string> decrypt_value(std::string_view value, std::string_view key_text);
std::string encrypt_value(std::string_view text, std::string_view key_text);

}  // namespace nubo
