// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <iterator>
#include <memory>
#include <mutex>

namespace nubo {
namespace {

constexpr const char* line_pattern = "%Y-%m-%d %H:%M:%S.%e [%l] %v";

spdlog::level::level_enum spdlog_level(LogLevel level) {
  constexpr spdlog::level::level_enum table[] = {spdlog::level::debug, spdlog::level::info,
                                                 spdlog::level::warn, spdlog::level::err};
  return table[static_cast<int>(level)];
}

std::shared_ptr<spdlog::logger> with_pattern(std::shared_ptr<spdlog::logger> logger) {
  logger->set_pattern(line_pattern);
  logger->flush_on(spdlog::level::debug);
  return logger;
}

std::shared_ptr<spdlog::logger> standard_error() {
  return with_pattern(std::make_shared<spdlog::logger>(
      "nubo", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
}

// The logger is the process's one global: a log line must be possible from anywhere.
struct Target {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger = standard_error();
  std::string path;
  spdlog::level::level_enum level = spdlog::level::info;
};

Target& target() {
  static Target instance;
  return instance;
}

std::shared_ptr<spdlog::logger> current_logger() {
  const std::lock_guard lock(target().mutex);
  return target().logger;
}

}  // namespace

void log_level(LogLevel level) {
  const std::lock_guard lock(target().mutex);
  target().level = spdlog_level(level);
  target().logger->set_level(target().level);
}

Status log_to_file(const std::string& path) {
  try {
    auto logger = with_pattern(std::make_shared<spdlog::logger>(
        "nubo", std::make_shared<spdlog::sinks::basic_file_sink_mt>(path)));
    const std::lock_guard lock(target().mutex);
    logger->set_level(target().level);
    target().logger = std::move(logger);
    target().path = path;
    return ok();
  } catch (const spdlog::spdlog_ex& error) {
    return fail(Code::internal, "cannot write the log file {}: {}", path, error.what());
  }
}

void log_reopen() {
  std::string path;
  {
    const std::lock_guard lock(target().mutex);
    path = target().path;
  }
  if (path.empty()) return;
  if (const Status status = log_to_file(path); !status) {
    log_error("log", "{}", status.error().message);
  }
}

void log_line(LogLevel level, std::string_view area, fmt::string_view text, fmt::format_args args) {
  const auto logger = current_logger();
  if (!logger->should_log(spdlog_level(level))) return;
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), "{}: ", area);
  fmt::vformat_to(std::back_inserter(line), text, args);
  logger->log(spdlog_level(level), std::string_view(line.data(), line.size()));
}

}  // namespace nubo
