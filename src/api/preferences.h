// SPDX-License-Identifier: Apache-2.0
// Keys that users, their groups and the configuration may all set (sheet objects.md §0.8).
#pragma once

#include <string>

#include "api/context.h"

namespace nubo::api {

/// What the caller's template says in OPENNEBULA, else his group's, else the configuration; "" when
/// none does.
std::string preference(const Context& call, const char* key);

}  // namespace nubo::api
