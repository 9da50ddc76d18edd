// SPDX-License-Identifier: Apache-2.0
#include "model/owned.h"

namespace nubo {

Permissions Permissions::from_mode(unsigned mode) {
  const auto bit = [mode](unsigned place) { return (mode >> place & 1U) != 0; };
  return {.owner_u = bit(8), .owner_m = bit(7), .owner_a = bit(6),
          .group_u = bit(5), .group_m = bit(4), .group_a = bit(3),
          .other_u = bit(2), .other_m = bit(1), .other_a = bit(0)};
}

}  // namespace nubo
