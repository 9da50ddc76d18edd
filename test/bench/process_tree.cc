// SPDX-License-Identifier: Apache-2.0
#include "bench/process_tree.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>

namespace nubo::bench {
namespace {

namespace fs = std::filesystem;

struct Stat {
  pid_t parent = 0;
  long ticks = 0;
  long pages = 0;
};

// Field 2 of the file is the name in parentheses, which may hold anything: what follows counts.
Stat read_stat(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  constexpr std::size_t parent = 1, user_time = 11, system_time = 12, resident = 21;
  if (fields.size() <= resident) return {};
  return {.parent = static_cast<pid_t>(std::stol(fields[parent])),
          .ticks = std::stol(fields[user_time]) + std::stol(fields[system_time]),
          .pages = std::stol(fields[resident])};
}

Usage usage_of_one(pid_t pid) {
  const Stat stat = read_stat(pid);
  std::error_code gone;
  const fs::directory_iterator descriptors(fmt::format("/proc/{}/fd", pid), gone);
  return {
      .cpu = Seconds(static_cast<double>(stat.ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK))),
      .resident_mib = static_cast<double>(stat.pages) *
                      static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20),
      .descriptors = gone ? 0 : static_cast<int>(std::distance(begin(descriptors), {}))};
}

std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec != std::errc{} || pid <= 0) continue;
    children.emplace(read_stat(pid).parent, pid);
  }
  return children;
}

}  // namespace

std::vector<pid_t> descendants(pid_t root) {
  const auto children = children_by_parent();
  std::vector<pid_t> found;
  std::vector<pid_t> open{root};
  while (!open.empty()) {
    const auto [first, last] = children.equal_range(open.back());
    open.pop_back();
    for (auto child = first; child != last; ++child) {
      found.push_back(child->second);
      open.push_back(child->second);
    }
  }
  return found;
}

TreeUsage usage_of(pid_t root) {
  TreeUsage usage{.root = usage_of_one(root), .children = {}};
  for (const pid_t pid : descendants(root)) {
    const Usage one = usage_of_one(pid);
    usage.children.cpu += one.cpu;
    usage.children.resident_mib += one.resident_mib;
    usage.children.descriptors += one.descriptors;
  }
  return usage;
}

}  // namespace nubo::bench
