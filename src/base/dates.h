// SPDX-License-Identifier: Apache-2.0
// Dates as error attributes show them.
#pragma once

#include <string>

#include "base/clock.h"

namespace nubo {

/// "Sat Nov 21 10:41:05 2026", local time.
std::string date_text(EpochSeconds time);

}  // namespace nubo
