// SPDX-License-Identifier: Apache-2.0
#include "nubo/driver/context.h"

#include <algorithm>

namespace nubo::driver {

Milliseconds Context::left() const {
  const SteadyTime now = clock_.steady();
  return parts_.deadline <= now ? Milliseconds::zero() : parts_.deadline - now;
}

void Context::progress(std::string_view text) const {
  parts_.send(Progress{parts_.request, std::string(text)});
}

}  // namespace nubo::driver
