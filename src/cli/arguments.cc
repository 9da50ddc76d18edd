// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "cli/run.h"

namespace nubo::cli {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t to = std::min(text.find(separator, from), text.size());
    parts.emplace_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

// One of the forms that chown's brothers take for rights (sheet cli.md §1.5, octet).
Result<std::string> octal_mode(const std::string& text) {
  if (!text.empty() && text.find_first_not_of("0123456789") == text.npos) return text;
  std::array<int, 3> bits{};
  bool any = false;
  for (const std::string& part : split(text, ',')) {
    const std::size_t sign = part.find('=');
    if (sign == part.npos) continue;
    int value = 0;
    for (const char right : part.substr(sign + 1)) {
      value |= right == 'r' ? 4 : right == 'w' ? 2 : right == 'x' ? 1 : 0;
    }
    for (const char who : part.substr(0, sign)) {
      const std::size_t index = std::string_view("ugo").find(who);
      if (index == std::string_view::npos) continue;
      bits[index] = value;
      any = true;
    }
  }
  if (!any) return fail(Code::api, "Error in permissions format");
  return fmt::format("{}{}{}", bits[0], bits[1], bits[2]);
}

// Parts of an object are known by their number only.
constexpr std::array<std::string_view, 4> numeric_formats{"diskid", "nicid", "sgid", "pciid"};

Result<int> filter_flag(Run& run, const std::string& text) {
  if (run.tool.name == "onehook") return -1;  // hooks have no owner
  if (text == "a" || text == "all") return -2;
  if (text == "m" || text == "mine") return -3;
  if (text == "g" || text == "group") return -1;
  if (text == "G") return -4;
  return run.find("user", text);
}

Result<Argument> one_object(Run& run, const char* pool, const std::string& text) {
  // VDCs take all clusters, hosts … of a zone by this word.
  if (text == "ALL" && run.tool.name == "onevdc") return Argument{text, {}, -10};
  NUBO_TRY(const int id, run.find(pool, text));
  return Argument{text, {}, id};
}

// A format takes the text, refuses it with a message, or leaves it to the next format.
Result<std::optional<Argument>> try_format(Run& run, std::string_view format,
                                           const std::string& text) {
  if (format == "range") {
    if (std::optional<std::vector<int>> ids = parse_range(text)) return Argument{text, *ids, {}};
    return std::optional<Argument>();
  }
  if (format == "file") {
    if (run.shell.is_file(text)) return Argument{text, {}, {}};
    return std::optional<Argument>();
  }
  if (format == "octet") {
    NUBO_TRY(const std::string mode, octal_mode(text));
    return Argument{mode, {}, {}};
  }
  if (format == "filterflag") {
    NUBO_TRY(const int flag, filter_flag(run, text));
    return Argument{text, {}, flag};
  }
  if (format == "size") {
    const std::optional<long long> size = parse_size(text);
    if (!size) return fail(Code::api, "Size value malformed");
    return Argument{std::to_string(*size), {}, {}};
  }
  if (std::ranges::find(numeric_formats, format) != numeric_formats.end()) {
    if (!parse_number<int>(text)) return fail(Code::api, "Argument '{}' is not a valid ID", text);
    return Argument{text, {}, {}};
  }
  const bool list = format.ends_with("id_list");
  std::string_view key = format.substr(0, format.size() - (list                     ? 7
                                                           : format.ends_with("id") ? 2
                                                                                    : 0));
  // "templateid" is another pool for onevntemplate than for onetemplate.
  const bool is_own = key != format && std::string(key) + "id" == run.tool.id_name;
  if (const Pool* pool = key == format ? nullptr : find_pool(is_own ? run.tool.pool : key)) {
    if (!list) return one_object(run, pool->key, text);
    Argument argument{text, {}, {}};
    for (const std::string& part : split(text, ',')) {
      NUBO_TRY(const int id, run.find(pool->key, part));
      argument.ids.push_back(id);
    }
    return argument;
  }
  return Argument{text, {}, {}};
}

}  // namespace

std::optional<std::vector<int>> parse_range(std::string text) {
  std::erase(text, ' ');
  std::vector<int> ids;
  for (const std::string& part : split(text, ',')) {
    const std::size_t dots = part.find("..");
    const std::optional<int> first = parse_number<int>(part.substr(0, dots));
    const std::optional<int> last =
        dots == part.npos ? first : parse_number<int>(part.substr(dots + 2));
    if (!first || !last || *first < 0 || *last < 0 || part.front() == '-') return {};
    for (int id = *first; id <= *last; ++id) {
      if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
  }
  return ids;
}

std::vector<ArgumentSpec> argument_specs(std::string_view usage) {
  std::vector<ArgumentSpec> specs;
  while (!usage.empty()) {
    const std::size_t end = std::min(usage.find(' '), usage.size());
    const std::string_view word = usage.substr(0, end);
    specs.push_back({word.substr(1, word.size() - 2), word.front() == '['});
    usage.remove_prefix(std::min(end + 1, usage.size()));
  }
  return specs;
}

Result<Argument> parse_argument(Run& run, const ArgumentSpec& spec, const std::string& text,
                                std::size_t index) {
  for (const std::string& format : split(spec.formats, '|')) {
    NUBO_TRY(std::optional<Argument> argument, try_format(run, format, text));
    if (argument) return std::move(*argument);
  }
  std::string formats;
  for (const std::string& format : split(spec.formats, '|')) formats += format + ", ";
  if (!spec.optional) formats.resize(formats.size() - 2);
  return fail(Code::api, "command {}: argument {} must be one of {}", run.command.name, index,
              formats);
}

}  // namespace nubo::cli
