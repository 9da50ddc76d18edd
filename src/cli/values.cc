// SPDX-License-Identifier: Apache-2.0
#include "cli/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <ctime>

#include "base/numbers.h"

namespace nubo::cli {

std::string format_time(long long epoch, const char* format) {
  const std::time_t time = epoch;
  std::tm local{};
  localtime_r(&time, &local);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), format, &local);
  return {text.data(), length};
}

std::string time_text(long long epoch) {
  return epoch == 0 ? "-" : format_time(epoch, "%m/%d %H:%M:%S");
}

std::string short_time_text(long long epoch) {
  return epoch == 0 ? "-" : format_time(epoch, "%m/%d %H:%M");
}

std::string duration_text(long long seconds, std::string_view last_unit) {
  const long long days = seconds / 86400;
  std::string text = fmt::format("{:3}d {:02}h{:02}", days, seconds / 3600 % 24, seconds / 60 % 60);
  if (!last_unit.empty()) text += 'm';
  if (last_unit == "s") text += fmt::format("{:02}s", seconds % 60);
  return text;
}

std::string short_duration_text(long long seconds) {
  return fmt::format("{:3}h{:02}m{:02}s", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string size_text(double value, char unit) {
  static constexpr std::string_view units = "KMGT";
  std::size_t at = units.find(unit);
  while (value > 1024 && at + 1 < units.size()) {
    value /= 1024;
    ++at;
  }
  const double rounded = std::round(value * 10) / 10;
  if (rounded == std::floor(rounded))
    return fmt::format("{}{}", static_cast<long long>(rounded), units[at]);
  return fmt::format("{:.1f}{}", rounded, units[at]);
}

std::string decimal_text(double value) {
  if (value == std::floor(value) && std::fabs(value) < 1e15) return fmt::format("{:.1f}", value);
  return fmt::format("{}", value);
}

std::string lock_text(const XmlNode& object) {
  static constexpr std::array names{"None", "Use", "Manage", "Admin", "All"};
  const auto level = static_cast<std::size_t>(number(object.child("LOCK"), "LOCKED"));
  return level < names.size() ? names[level] : "";
}

std::string rights_text(const XmlNode& permissions, std::string_view who) {
  std::string mask;
  for (const char right : std::string_view("uma")) {
    const char letter = static_cast<char>(std::toupper(right));
    mask += permissions.get(fmt::format("{}_{}", who, letter)) == "1" ? right : '-';
  }
  return mask;
}

std::string yes_no(bool yes) { return yes ? "Yes" : "No"; }

long long number(const XmlNode& node, std::string_view child) {
  return static_cast<long long>(decimal(node, child));
}

double decimal(const XmlNode& node, std::string_view child) {
  return parse_number<double>(get(node, child)).value_or(0);
}

XmlNode at(XmlNode node, std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    node = node.child(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return node;
}

std::string get(const XmlNode& node, std::string_view path) { return at(node, path).text(); }

std::vector<std::string> ids(const XmlNode& element) {
  std::vector<std::string> found;
  for (const XmlNode& id : element.children("ID")) found.push_back(id.text());
  return found;
}

std::string id_list(const XmlNode& element) { return join(ids(element), ","); }

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

std::string strip(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\0";
  const std::size_t from = text.find_first_not_of(blank);
  if (from == text.npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(blank) - from + 1));
}

std::string quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"') text += '\\';
    text += c;
  }
  return text + '"';
}

namespace {

bool has_value(const XmlNode& node) { return node.has_cdata() || !node.text().empty(); }

std::string vector_text(const XmlNode& element) {
  std::vector<std::string> lines;
  for (const XmlNode& key : element.children()) {
    if (key.has_children() || has_value(key)) {
      lines.push_back(fmt::format("  {}={}", key.name(), quoted(key.text())));
    }
  }
  return fmt::format("{}=[\n{} ]", element.name(), join(lines, ",\n"));
}

}  // namespace

std::string template_text(const XmlNode& element, const std::vector<std::string_view>& skip) {
  std::vector<std::string> lines;
  for (const XmlNode& attribute : element.children()) {
    if (std::ranges::find(skip, attribute.name()) != skip.end()) continue;
    if (attribute.has_children()) {
      lines.push_back(vector_text(attribute));
    } else if (has_value(attribute)) {
      lines.push_back(fmt::format("{}={}", attribute.name(), quoted(attribute.text())));
    }
  }
  return join(lines, "\n");
}

std::string template_text(const XmlNode& element) { return template_text(element, {}); }

}  // namespace nubo::cli
