// SPDX-License-Identifier: Apache-2.0
#include "auth/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

#include "base/assert.h"

namespace nubo {
namespace {

using Bytes = std::vector<unsigned char>;

std::string to_hex(const unsigned char* bytes, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    fmt::format_to(std::back_inserter(text), "{:02x}", bytes[i]);
  }
  return text;
}

std::string digest_hex(std::string_view text, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  NUBO_ASSERT(EVP_Digest(text.data(), text.size(), digest.data(), &size, kind, nullptr) == 1);
  return to_hex(digest.data(), size);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<Bytes> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  Bytes decoded(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(decoded.data(), bytes_of(text), static_cast<int>(text.size()));
  if (size < 0) return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  decoded.resize(static_cast<std::size_t>(size) - padding);
  return decoded;
}

struct Cipher {
  std::string_view key;
  std::string_view iv;
};

constexpr std::size_t key_size = 32;
constexpr std::size_t iv_size = 16;
constexpr std::string_view no_iv{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", iv_size};

Cipher cipher_of_tokens(std::string_view key_text) { return {key_text, key_text}; }

Cipher cipher_of_values(std::string_view key_text) { return {key_text, no_iv}; }

// One way or the other; nothing when the padding does not fit.
std::optional<Bytes> run_cipher(std::span<const unsigned char> data, const Cipher& cipher,
                                bool encrypt) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  Bytes out(data.size() + EVP_MAX_BLOCK_LENGTH);
  int first = 0, rest = 0;
  if (EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, bytes_of(cipher.key),
                        bytes_of(cipher.iv), encrypt ? 1 : 0) != 1 ||
      EVP_CipherUpdate(context.get(), out.data(), &first, data.data(),
                       static_cast<int>(data.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), out.data() + first, &rest) != 1) {
    return {};
  }
  out.resize(static_cast<std::size_t>(first + rest));
  return out;
}

std::optional<std::string> decrypt(std::string_view encoded, const Cipher& cipher) {
  if (cipher.key.size() < key_size) return {};
  const auto bytes = decode_base64(encoded);
  if (!bytes) return {};
  const auto clear = run_cipher(*bytes, cipher, false);
  if (!clear) return {};
  return std::string(clear->begin(), clear->end());
}

std::string encrypt(std::string_view text, const Cipher& cipher) {
  NUBO_ASSERT(cipher.key.size() >= key_size);
  const auto bytes = run_cipher({bytes_of(text), text.size()}, cipher, true);
  NUBO_ASSERT(bytes.has_value());
  Bytes encoded((bytes->size() + 2) / 3 * 4 + 1);
  const int size = EVP_EncodeBlock(encoded.data(), bytes->data(), static_cast<int>(bytes->size()));
  return {encoded.begin(), encoded.begin() + size};
}

}  // namespace

std::string sha256_hex(std::string_view text) { return digest_hex(text, EVP_sha256()); }

std::string sha1_hex(std::string_view text) { return digest_hex(text, EVP_sha1()); }

std::string random_secret() {
  std::array<unsigned char, 32> bytes{};
  NUBO_ASSERT(RAND_bytes(bytes.data(), bytes.size()) == 1);
  return to_hex(bytes.data(), bytes.size());
}

std::uint32_t random_number() {
  std::uint32_t number = 0;
  NUBO_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1);
  return number;
}

std::optional<std::string> decrypt_token(std::string_view token, std::string_view key_text) {
  return decrypt(token, cipher_of_tokens(key_text));
}

std::string encrypt_token(std::string_view text, std::string_view key_text) {
  return encrypt(text, cipher_of_tokens(key_text));
}

std::optional<std::string> decrypt_value(std::string_view value, std::string_view key_text) {
  return decrypt(value, cipher_of_values(key_text));
}

std::string encrypt_value(std::string_view text, std::string_view key_text) {
  return encrypt(text, cipher_of_values(key_text));
}

}  // namespace nubo
