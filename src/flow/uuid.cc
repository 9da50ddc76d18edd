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
  const auto hex = [&bytes](int first, int count) {
    return fmt::join(bytes.begin() + first, bytes.begin() + first + count, "");
  };
  return fmt::format("{:02x}-{:02x}-{:02x}-{:02x}-{:02x}", hex(0, 4), hex(4, 2), hex(6, 2),
                     hex(8, 2), hex(10, 6));
}

}  // namespace nubo
