// SPDX-License-Identifier: Apache-2.0
// The log facade: `log_info("flow", "VM {} runs on {}", id, host)`. The area is the folder's or the
// driver's name. spdlog stays behind log.cc. Any thread. Lines go to the standard error until
// log_to_file() names a file.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace nubo {

enum class LogLevel { debug, info, warning, error };

/// Lines below this level are dropped. Default info.
void log_level(LogLevel level);

/// From now on to this file (appended, flushed per line; reopened by log_reopen()).
Status log_to_file(const std::string& path);
void log_reopen();

void log_line(LogLevel level, std::string_view area, fmt::string_view text, fmt::format_args args);

template <class... Args>
void log_debug(std::string_view area, fmt::format_string<Args...> text, Args&&... args) {
  log_line(LogLevel::debug, area, text, fmt::make_format_args(args...));
}

template <class... Args>
void log_info(std::string_view area, fmt::format_string<Args...> text, Args&&... args) {
  log_line(LogLevel::info, area, text, fmt::make_format_args(args...));
}

template <class... Args>
void log_warning(std::string_view area, fmt::format_string<Args...> text, Args&&... args) {
  log_line(LogLevel::warning, area, text, fmt::make_format_args(args...));
}

template <class... Args>
void log_error(std::string_view area, fmt::format_string<Args...> text, Args&&... args) {
  log_line(LogLevel::error, area, text, fmt::make_format_args(args...));
}

}  // namespace nubo
