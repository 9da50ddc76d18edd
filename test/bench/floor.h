// SPDX-License-Identifier: Apache-2.0
// The most that this machine lets a durable service do for one client, whatever the service is.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace nubo::bench {

/// Requests per second of one client whose requests of 500 bytes come through a kept connection of
/// loopback, are written over two pages of a file in `directory`, synced and answered.
Result<double> least_durable_service(const std::filesystem::path& directory);

}  // namespace nubo::bench
