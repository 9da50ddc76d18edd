// SPDX-License-Identifier: Apache-2.0
// Random UUIDs (version 4) from the system's random source.
#pragma once

#include <string>

namespace nubo {

/// "6f1c0b0e-…": 36 characters, lower case.
std::string random_uuid();

}  // namespace nubo
