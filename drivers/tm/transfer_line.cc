// SPDX-License-Identifier: Apache-2.0
#include "tm/transfer_line.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>

#include "base/assert.h"
#include "base/numbers.h"
#include "text/trim.h"

namespace nubo::tm {

namespace {

struct VerbArguments {
  std::string_view verb;
  std::size_t least;
};

constexpr std::array verb_arguments{
    VerbArguments{"CLONE", 4},       VerbArguments{"LN", 4},
    VerbArguments{"MKIMAGE", 5},     VerbArguments{"MKSWAP", 4},
    VerbArguments{"CONTEXT", 4},     VerbArguments{"MV", 4},
    VerbArguments{"MVDS", 4},        VerbArguments{"DELETE", 3},
    VerbArguments{"CPDS", 5},        VerbArguments{"RESIZE", 4},
    VerbArguments{"SNAP_CREATE", 4}, VerbArguments{"SNAP_REVERT", 4},
    VerbArguments{"SNAP_DELETE", 4}, VerbArguments{"PREMIGRATE", 5},
    VerbArguments{"POSTMIGRATE", 5}, VerbArguments{"FAILMIGRATE", 5}};

std::vector<std::string> split_words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

Result<TransferLine> parse_line(const std::string& text) {
  std::vector<std::string> words = split_words(text);
  if (words.size() < 2) return fail(Code::internal, "\"{}\" is no transfer line", text);
  const std::size_t dot = words[0].find('.');
  TransferLine line{.verb = upper_case(words[0].substr(0, dot)),
                    .system = dot == std::string::npos ? "" : words[0].substr(dot + 1),
                    .tm = words[1],
                    .args = {words.begin() + 2, words.end()}};
  const bool names_are_good =
      is_name(line.verb) && is_name(line.tm) && (dot == std::string::npos || is_name(line.system));
  if (!names_are_good) return fail(Code::internal, "\"{}\" is no transfer line", text);
  const auto known = std::ranges::find(verb_arguments, line.verb, &VerbArguments::verb);
  const std::size_t least = known == verb_arguments.end() ? 1 : known->least;
  if (line.args.size() < least)
    return fail(Code::internal, "\"{}\" has fewer than {} arguments", text, least);
  return line;
}

std::vector<std::string> components_of(const std::string& path) {
  std::vector<std::string> parts;
  for (const auto& part : std::filesystem::path(path).relative_path()) parts.push_back(part);
  return parts;
}

}  // namespace

const std::string& TransferLine::arg(int index) const {
  const std::size_t at =
      index < 0 ? args.size() - static_cast<std::size_t>(-index) : static_cast<std::size_t>(index);
  NUBO_ASSERT(at < args.size());
  return args[at];
}

std::string TransferLine::name() const {
  const auto place =
      std::ranges::find_if(args, [](const std::string& arg) { return arg.find('/') != arg.npos; });
  const std::string shown = place == args.end() ? args.front() : *place;
  return fmt::format("{} {}", verb, verb == "CLONE" || verb == "LN" ? args.at(1) : shown);
}

Result<std::vector<TransferLine>> parse_lines(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<TransferLine> lines;
  for (std::string one; std::getline(in, one);) {
    const std::string_view content = trimmed(one);
    if (content.empty() || content.front() == '#') continue;
    NUBO_TRY(TransferLine line, parse_line(std::string(content)));
    lines.push_back(std::move(line));
  }
  return lines;
}

Result<ssh::Place> parse_place(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.substr(colon + 1, 1) != "/")
    return fail(Code::internal, "\"{}\" is not host:/path", text);
  const std::string path(text.substr(colon + 1));
  std::string clean;
  for (const std::string& part : components_of(path)) {
    if (part == "..") return fail(Code::internal, "the path {} climbs", path);
    if (!part.empty() && part != ".") clean += "/" + part;
  }
  return ssh::Place{std::string(text.substr(0, colon)), clean.empty() ? "/" : clean};
}

Result<ssh::Place> parse_vm_place(std::string_view text, std::string_view vm) {
  NUBO_TRY(ssh::Place place, parse_place(text));
  const std::vector<std::string> parts = components_of(place.path);
  const auto is_vm_directory = [&parts, vm](std::size_t at) {
    return at > 0 && at < parts.size() && parts[at] == vm && parse_number<int>(vm) &&
           parse_number<int>(parts[at - 1]);
  };
  if (is_vm_directory(parts.size() - 1) || is_vm_directory(parts.size() - 2)) return place;
  return fail(Code::internal, "{} is not in the directory of VM {}", place.path, vm);
}

int disk_id_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  constexpr std::string_view prefix = "disk.";
  if (!name.starts_with(prefix)) return -1;
  return parse_number<int>(name.substr(prefix.size())).value_or(-1);
}

std::string on_root_of(const std::string& vm_path, const std::string& image_path) {
  const std::filesystem::path image(image_path);
  const auto datastore = image.parent_path().filename();
  if (!parse_number<int>(datastore.string())) return image_path;
  const auto root = std::filesystem::path(vm_path).parent_path().parent_path().parent_path();
  return root / datastore / image.filename();
}

}  // namespace nubo::tm
