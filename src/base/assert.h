// SPDX-License-Identifier: Apache-2.0
// NUBO_ASSERT: an invariant of ours is broken. On in every build; prints the expression with its
// place and aborts. Never for input, disk, network or driver output: those are Errors.
#pragma once

namespace nubo {

// Not std::source_location: clang 14 cannot compile libstdc++ 12's.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line,
                                   const char* function);

}  // namespace nubo

#define NUBO_ASSERT(expression)                                                             \
  do {                                                                                      \
    if (!(expression)) ::nubo::assertion_failed(#expression, __FILE__, __LINE__, __func__); \
  } while (false)
