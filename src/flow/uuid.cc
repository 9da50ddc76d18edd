// SPDX-License-Identifier: Apache-2.0
#include "flow/uuid.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>

#include "base/assert.h"

namespace nubo {

std::string random_uuid() {
  std::array<unsigned char, 16> bytes{};
  const bool filled = getrandom(bytes.data(), bytes.size(), 0) == std::ssize(bytes);
  NUBO_ASSERT(filled);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  std::string text;
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    if (place == 4 || place == 6 || place == 8 || place == 10) text.push_back('-');
    text += fmt::format("{:02x}", bytes[place]);
  }
  return text;
}

}  // namespace nubo
