// SPDX-License-Identifier: Apache-2.0
#include "tm/external.h"

#include <unistd.h>

#include "base/base64.h"
#include "nubo/driver/script.h"

namespace nubo::tm {

namespace {

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

Result<std::string> External::script_of(const TransferLine& line) const {
  const std::string folder = remotes_ + "/tm/" + line.tm + "/";
  if (::access(folder.c_str(), F_OK) != 0)
    return fail(Code::internal, "Transfer Driver '{}' not available: there is no {}", line.tm,
                folder);
  const std::string plain = folder + lower_case(line.verb);
  for (const std::string& path : {plain + "." + line.system, plain})
    if (::access(path.c_str(), X_OK) == 0) return path;
  return fail(Code::internal, "there is no program {}", plain);
}

Status External::run(const TransferLine& line) const {
  NUBO_TRY(const std::string path, script_of(line));
  driver::Script script{.argv = {path}};
  script.argv.insert(script.argv.end(), line.args.begin(), line.args.end());
  if (line.verb.ends_with("MIGRATE")) script.input = base64_encode(vm_) + "\n";
  const auto result = driver::run_script(script, context_);
  return result ? ok() : Failure(result.error());
}

Status External::run_for(const std::string& caller, TransferLine line) const {
  line.args.push_back(caller);
  return run(line);
}

Result<std::string> External::monitor(const std::string& tm, const std::string& datastore_id,
                                      const std::string& action_data) const {
  NUBO_TRY(const std::string path, script_of({.verb = "MONITOR", .system = "", .tm = tm}));
  return driver::run_script(
      {.argv = {path, datastore_id}, .input = base64_encode(action_data) + "\n"}, context_);
}

}  // namespace nubo::tm
