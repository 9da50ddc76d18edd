// SPDX-License-Identifier: Apache-2.0
#include "base/dates.h"

#include <fmt/chrono.h>

#include <ctime>

namespace nubo {

std::string date_text(EpochSeconds time) {
  const auto seconds = static_cast<std::time_t>(time.count());
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:%a %b %e %H:%M:%S %Y}", local);
}

}  // namespace nubo
