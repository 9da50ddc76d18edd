// SPDX-License-Identifier: Apache-2.0
// Lines of the driver protocol, in both directions: what was decoded is encoded and decoded equal.
#include "base/assert.h"
#include "nubo/driver/message.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace nubo::driver;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto message = decode_from_driver(line)) {
    const auto again = decode_from_driver(encode(*message));
    NUBO_ASSERT(again && *again == *message);
  }
  if (const auto message = decode_to_driver(line)) {
    const auto again = decode_to_driver(encode(*message));
    NUBO_ASSERT(again && *again == *message);
  }
  return 0;
}
