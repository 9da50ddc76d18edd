// SPDX-License-Identifier: Apache-2.0
#include "auth/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <iterator>
#include <memory>
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

// One way or the other; nothing when the padding does not fit.
std::optional<Bytes> run_cipher(const unsigned char* data, std::size_t size, std::string_view key,
                                bool encrypt) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  Bytes out(size + EVP_MAX_BLOCK_LENGTH);
  int first = 0, rest = 0;
  if (EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, bytes_of(key), bytes_of(key),
                        encrypt ? 1 : 0) != 1 ||
      EVP_CipherUpdate(context.get(), out.data(), &first, data, static_cast<int>(size)) != 1 ||
      EVP_CipherFinal_ex(context.get(), out.data() + first, &rest) != 1) {
    return {};
  }
  out.resize(static_cast<std::size_t>(first + rest));
  return out;
}

constexpr std::size_t key_size = 32;

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
  if (key_text.size() < key_size) return {};
  const auto bytes = decode_base64(token);
  if (!bytes) return {};
  const auto clear = run_cipher(bytes->data(), bytes->size(), key_text, false);
  if (!clear) return {};
  return std::string(clear->begin(), clear->end());
}

std::string encrypt_token(std::string_view text, std::string_view key_text) {
  NUBO_ASSERT(key_text.size() >= key_size);
  const auto bytes = run_cipher(bytes_of(text), text.size(), key_text, true);
  NUBO_ASSERT(bytes.has_value());
  Bytes encoded((bytes->size() + 2) / 3 * 4 + 1);
  const int size = EVP_EncodeBlock(encoded.data(), bytes->data(), static_cast<int>(bytes->size()));
  return {encoded.begin(), encoded.begin() + size};
}

}  // namespace nubo
