// SPDX-License-Identifier: Apache-2.0
#include "tm/context_cd.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "ssh/quote.h"

namespace nubo::tm {

namespace {

using ssh::quote;

bool is_file_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos;
}

std::string own_name(std::string_view source) {
  return std::string(source.substr(source.rfind('/') + 1));
}

}  // namespace

Result<ContextCd> ContextCd::start(ssh::Nodes& nodes, const ssh::FileRules& rules,
                                   const driver::Context& context) {
  std::string directory = (std::filesystem::temp_directory_path() / "nubo-context.XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr)
    return fail(Code::internal, "cannot make {}: {}", directory, std::strerror(errno));
  ::mkdir((directory + "/cd").c_str(), 0700);
  return ContextCd(nodes, rules, context, directory);
}

ContextCd::ContextCd(ContextCd&& other) noexcept
    : nodes_(other.nodes_),
      rules_(other.rules_),
      context_(other.context_),
      directory_(std::exchange(other.directory_, "")) {}

ContextCd::~ContextCd() {
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

Status ContextCd::add_text(std::string_view text, const std::string& name) {
  std::ofstream file(directory_ + "/cd/" + name);
  file << text << std::flush;
  return file ? ok() : Status(fail(Code::internal, "cannot write {} for the context CD", name));
}

Status ContextCd::add_file(const std::string& source, const std::string& name) {
  if (!is_file_name(name))
    return fail(Code::internal, "\"{}\" cannot be a file name on the context CD", name);
  const std::string target = quote(directory_ + "/cd/" + name);
  const bool is_web = source.starts_with("http://") || source.starts_with("https://");
  if (!is_web && !rules_.allow(source))
    return fail(Code::internal, "not allowed to put {} on the context CD: see CONTEXT_SAFE_DIRS",
                source);
  const std::string get =
      is_web ? "curl -fsSL --proto =http,https -o " + target + " -- " + quote(source)
             : "cp -L -- " + quote(source) + " " + target;
  const auto got = nodes_.output("", {.script = get}, context_);
  return got ? ok() : Failure(context(got.error(), "context file " + source));
}

Status ContextCd::add_files(std::string_view list) {
  for (;;) {
    const std::size_t begin = list.find_first_not_of(" \t\r\n");
    if (begin == list.npos) return ok();
    list.remove_prefix(begin);
    const std::string_view source =
        list.substr(0, std::min(list.find_first_of(" \t\r\n"), list.find(":'")));
    list.remove_prefix(source.size());
    std::string name = own_name(source);
    if (list.starts_with(":'")) {
      const std::size_t end = list.find('\'', 2);
      if (end == list.npos) return fail(Code::internal, "a quote is missing in the context files");
      name = list.substr(2, end - 2);
      list.remove_prefix(end + 1);
    }
    NUBO_CHECK(add_file(std::string(source), name));
  }
}

Result<std::string> ContextCd::burn() {
  const std::string image = directory_ + "/context.iso";
  const std::string options =
      "-quiet -o " + quote(image) + " -V CONTEXT -J -R " + quote(directory_ + "/cd");
  const std::string script = "if command -v genisoimage >/dev/null; then genisoimage " + options +
                             "; else xorriso -as mkisofs " + options + "; fi";
  NUBO_TRY(const std::string said, nodes_.output("", {.script = script}, context_));
  return image;
}

}  // namespace nubo::tm
