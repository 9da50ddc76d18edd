// SPDX-License-Identifier: Apache-2.0
#include "control.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "base/log.h"

namespace nubo::dummy {

namespace {

std::string stamp_of(const std::string& path) {
  struct stat status {};

  if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
  return fmt::format("{} {} {}.{}", status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec);
}

ControlLines read_lines(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  Result<ControlLines> lines = parse_control(text.str());
  if (lines) return std::move(*lines);
  log_error("dummy", "{} is not used: {}", path, lines.error().message);
  return {};
}

}  // namespace

Control::Control(std::string path) : path_(std::move(path)) {}

std::shared_ptr<const ControlLines> Control::lines() {
  const std::string stamp = stamp_of(path_);
  auto known = read_.with([](const Read& read) { return std::pair(read.stamp, read.lines); });
  if (known.first == stamp) return known.second;
  auto fresh =
      std::make_shared<const ControlLines>(stamp.empty() ? ControlLines{} : read_lines(path_));
  read_.with([&stamp, &fresh](Read& read) { read = {stamp, fresh}; });
  return fresh;
}

}  // namespace nubo::dummy
