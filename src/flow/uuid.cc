// SPDX-License-Identifier: Apache-2.0
#include "flow/uuid.h"

#include <sys/random.h>

#include <array>
#include <string_view>

#include "base/assert.h"

namespace nubo {

std::string random_uuid() {
  std::array<unsigned char, 16> bytes{};
  const bool filled = getrandom(bytes.data(), bytes.size(), 0) == std::ssize(bytes);
  NUBO_ASSERT(filled);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    if (text.size() == 8 || text.size() == 13 || text.size() == 18 || text.size() == 23)
      text += '-';
    text += digits[byte >> 4U];
    text += digits[byte & 0xFU];
  }
  return text;
}

}  // namespace nubo
