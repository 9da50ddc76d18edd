// SPDX-License-Identifier: Apache-2.0
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace nubo {

void assertion_failed(const char* expression, const char* file, int line, const char* function) {
  std::fprintf(stderr, "assertion failed: %s at %s:%d in %s\n", expression, file, line, function);
  std::abort();
}

}  // namespace nubo
