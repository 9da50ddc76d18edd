// SPDX-License-Identifier: Apache-2.0
// NUBO_ASSERT: an invariant of ours is broken. On in every build; prints the expression with its
// place and aborts. Never for input, disk, network or driver output: those are Errors.
#pragma once

#include <source_location>

namespace nubo {

[[noreturn]] void assertion_failed(const char* expression, std::source_location where);

}  // namespace nubo

#define NUBO_ASSERT(expression)                                                              \
  do {                                                                                       \
    if (!(expression))                                                                       \
      ::nubo::assertion_failed(#expression, std::source_location::current());                \
  } while (false)
