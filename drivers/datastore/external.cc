// SPDX-License-Identifier: Apache-2.0
#include "datastore/external.h"

#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "base/base64.h"
#include "base/numbers.h"
#include "nubo/driver/script.h"
#include "ssh/disk_space.h"
#include "text/trim.h"

namespace nubo::datastore {

namespace {

using driver::Values;

std::string arg(const driver::Request& request, std::string_view name) {
  const auto found = request.args.find(name);
  return found == request.args.end() ? "" : found->second;
}

bool is_name(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

}  // namespace

Result<Values> External::run(const driver::Request& request,
                             const DatastoreFacts& datastore) const {
  // System datastores are watched by their transfer manager.
  const bool is_transfer = request.action == "monitor" && datastore.is_system();
  const std::string& name = is_transfer ? datastore.tm_mad : datastore.ds_mad;
  const std::string path = fmt::format("{}/{}/{}/{}", parts_.remotes,
                                       is_transfer ? "tm" : "datastore", name, request.action);
  if (!is_name(name) || ::access(path.c_str(), X_OK) != 0)
    return fail(Code::internal, "Datastore driver '{}' not available: there is no {}", name, path);
  const std::string data = base64_encode("<DS_DRIVER_ACTION_DATA>" + arg(request, "image") +
                                         arg(request, "datastore") + "</DS_DRIVER_ACTION_DATA>");
  const std::string id = std::to_string(request.object.id);
  const driver::Script script = parts_.legacy.contains(name)
                                    ? driver::Script{.argv = {path, data, id}}
                                    : driver::Script{.argv = {path, id}, .input = data + "\n"};
  NUBO_TRY(const std::string output, driver::run_script(script, parts_.context));
  return read_output(request.action, output);
}

Result<Values> read_output(const std::string& action, const std::string& output) {
  const std::string whole(trimmed(output));
  std::istringstream in(whole);
  std::string first, second;
  in >> first >> second;
  if (action == "rm") return Values{};
  if (action == "monitor") return ssh::parse_disk_space(whole);
  if (first.empty()) return fail(Code::internal, "the {} script printed nothing", action);
  if (action == "mkfs") return Values{{"source", whole}};
  if (action == "cp") {
    if (second.empty()) return fail(Code::internal, "the cp script did not print a format");
    return Values{{"source", first}, {"format", second}};
  }
  if (action == "clone") {
    Values values{{"source", first}};
    if (!second.empty()) values["format"] = second;
    return values;
  }
  if (action == "stat" && parse_number<long>(first)) return Values{{"size_mb", first}};
  return fail(Code::internal, "the {} script printed {}", action, whole.substr(0, 200));
}

}  // namespace nubo::datastore
