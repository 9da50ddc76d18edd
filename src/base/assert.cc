// SPDX-License-Identifier: Apache-2.0
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace nubo {

void assertion_failed(const char* expression, std::source_location where) {
  std::fprintf(stderr, "assertion failed: %s at %s:%u in %s\n", expression, where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name());
  std::abort();
}

}  // namespace nubo
