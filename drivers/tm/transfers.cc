// SPDX-License-Identifier: Apache-2.0
#include "tm/transfers.h"

#include <map>
#include <sstream>

#include "base/numbers.h"
#include "ssh/batch.h"
#include "ssh/disk_space.h"
#include "ssh/front_end.h"
#include "ssh/quote.h"
#include "text/xml_reader.h"
#include "tm/built_in.h"
#include "tm/external.h"
#include "tm/node_functions.h"
#include "tm/transfer_line.h"
#include "tm/vm_facts.h"

namespace nubo::tm {

namespace {

using driver::Values;

std::string arg(const driver::Request& request, std::string_view name) {
  const auto found = request.args.find(name);
  return found == request.args.end() ? "" : found->second;
}

// A system transfer manager asks those of the disks to do their part of a migration.
Status run_parts_of_others(const TransferLine& line, const VmFacts& vm, const External& external) {
  if (!line.verb.ends_with("MIGRATE")) return ok();
  for (const std::string& tm : vm.disk_tms) {
    if (tm == line.tm || BuiltIn::is_name(tm)) continue;
    TransferLine part = line;
    part.tm = tm;
    NUBO_CHECK(external.run_for(line.tm, part));
  }
  return ok();
}

std::vector<std::string> words_in(const Values& settings, const std::string& key) {
  const auto found = settings.find(key);
  std::istringstream in(found == settings.end() ? "" : found->second);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

std::string existence_script(const std::vector<std::string>& paths) {
  std::string script;
  for (std::size_t i = 0; i < paths.size(); ++i)
    script += fmt::format("p={}; if [ -e \"$p\" ] || [ -L \"$p\" ]; then echo {}; fi\n",
                          ssh::quote(paths[i]), i);
  return script;
}

}  // namespace

Status Transfers::configure(const Values& settings) {
  NUBO_TRY(ssh::Settings ssh_settings, ssh::settings_from(settings));
  nodes_ = std::make_unique<ssh::Nodes>(std::move(ssh_settings));
  const auto remotes = settings.find("REMOTES");
  remotes_ =
      remotes == settings.end() ? ssh::front_end_locations().var + "/remotes" : remotes->second;
  context_files_ = {words_in(settings, "CONTEXT_RESTRICTED_DIRS"),
                    words_in(settings, "CONTEXT_SAFE_DIRS")};
  return ok();
}

Result<Values> Transfers::run(const driver::Request& request, driver::Context& context) {
  NUBO_TRY(const auto lines, parse_lines(arg(request, "lines")));
  const std::string document = arg(request, "vm");
  NUBO_TRY(const VmFacts vm, VmFacts::parse(document));
  const BuiltIn::Cd cd{arg(request, "context"), arg(request, "files"), context_files_};
  ssh::Batch batch(*nodes_, node_functions, context);
  BuiltIn built_in(batch, vm, cd, *nodes_, context);
  const External external(remotes_, document, context);
  for (const TransferLine& line : lines) {
    if (BuiltIn::is_name(line.tm)) {
      NUBO_CHECK(built_in.run(line));
      NUBO_CHECK(run_parts_of_others(line, vm, external));
    } else {
      NUBO_CHECK(batch.flush());
      NUBO_CHECK(external.run(line));
    }
  }
  NUBO_CHECK(batch.flush());
  return Values{};
}

Result<Values> Transfers::probe(const driver::Request& request, driver::Context& context) {
  std::map<std::string, std::vector<std::string>> by_node;
  std::istringstream in(arg(request, "paths"));
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    NUBO_TRY(const ssh::Place place, parse_place(line));
    by_node[place.node].push_back(line.substr(line.find(':') + 1));
  }
  std::string present;
  for (const auto& [node, paths] : by_node) {
    NUBO_TRY(const std::string said,
             nodes_->output(node, {.script = existence_script(paths)}, context));
    std::istringstream found(said);
    for (std::size_t index = 0; found >> index;)
      if (index < paths.size()) present += node + ":" + paths[index] + "\n";
  }
  return Values{{"present", present}};
}

Result<Values> Transfers::monitor(const driver::Request& request, driver::Context& context) {
  const std::string document = arg(request, "datastore");
  NUBO_TRY(const XmlDocument xml, XmlDocument::parse(document));
  const XmlNode datastore = xml.root();
  const std::string tm = datastore.get("TM_MAD");
  const std::string path =
      arg(request, "path").empty() ? datastore.get("BASE_PATH") : arg(request, "path");
  const int id = parse_number<int>(datastore.get("ID")).value_or(0);
  if (BuiltIn::is_name(tm)) {
    const std::string node = ssh::choose_bridge(datastore.child("TEMPLATE").get("BRIDGE_LIST"), id);
    return ssh::disk_space(*nodes_, {node, path}, context);
  }
  const External external(remotes_, document, context);
  NUBO_TRY(const std::string said,
           external.monitor(tm, std::to_string(id),
                            "<DS_DRIVER_ACTION_DATA>" + document + "</DS_DRIVER_ACTION_DATA>"));
  return ssh::parse_disk_space(said);
}

}  // namespace nubo::tm
