// SPDX-License-Identifier: Apache-2.0
// Which names objects may have (sheet objects.md §0.3).
#pragma once

#include <string_view>

#include "base/result.h"

namespace nubo {

/// Code::internal "Invalid NAME, …". `further` are characters that are forbidden besides.
Status check_name(std::string_view name, std::string_view further = "");
/// Code::internal "Invalid HOSTNAME, …".
Status check_host_name(std::string_view name);

}  // namespace nubo
