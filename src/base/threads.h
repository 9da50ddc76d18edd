// SPDX-License-Identifier: Apache-2.0
// Names of threads, as top and debuggers show them.
#pragma once

#include <pthread.h>

namespace nubo {

/// At most 15 characters.
inline void name_this_thread(const char* name) { ::pthread_setname_np(::pthread_self(), name); }

}  // namespace nubo
