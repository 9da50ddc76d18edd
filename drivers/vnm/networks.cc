// SPDX-License-Identifier: Apache-2.0
#include "vnm/networks.h"

#include <unistd.h>

#include <algorithm>

#include "base/base64.h"
#include "base/numbers.h"
#include "ssh/quote.h"
#include "text/xml_reader.h"
#include "vnm/bridge.h"

namespace nubo::vnm {
namespace {

constexpr int script_missing = 42;

std::string value_or(const Values& values, std::string_view name, std::string otherwise) {
  const auto found = values.find(name);
  return found == values.end() || found->second.empty() ? std::move(otherwise) : found->second;
}

// The script's own words: without the lines that it logs (level B, sheet drivers.md §1.3).
std::string error_words(const std::string& err) {
  std::string words;
  for (std::size_t at = 0; at < err.size();) {
    const std::size_t end = std::min(err.find('\n', at), err.size());
    const std::string line = err.substr(at, end - at);
    at = end + 1;
    const bool is_log = line.starts_with("INFO: ") || line.starts_with("DEBUG: ") ||
                        line.starts_with("WARN: ") || line.starts_with("ERROR: ");
    if (!is_log && !line.empty()) words += (words.empty() ? "" : " ") + line;
  }
  return words.empty() ? "it did not say why" : words;
}

/// The name that OpenNebula's scripts have for an action.
std::string_view script_of(std::string_view action) {
  return action == "update_rules" ? "update_sg" : action;
}

}  // namespace

std::vector<std::string> drivers_of(const Template& vm) {
  std::vector<std::string> drivers;
  for (const char* kind : {"NIC", "NIC_ALIAS", "PCI"}) {
    for (const Vector* nic : vm.vectors(kind)) {
      const std::string& driver = nic->get("VN_MAD");
      if (!driver.empty() && std::ranges::count(drivers, driver) == 0) drivers.push_back(driver);
    }
  }
  return drivers;
}

Status Networks::configure(const Values& settings) {
  remotes_ = value_or(settings, "REMOTES", "/var/lib/one/remotes");
  node_remotes_ = value_or(settings, "SCRIPTS_REMOTE_DIR", "/var/tmp/one");
  keep_empty_bridge_ = parse_yes_no(value_or(settings, "KEEP_EMPTY_BRIDGE", "no")).value_or(false);
  NUBO_TRY(ssh::Settings ssh, ssh::settings_from(settings));
  nodes_ = std::make_unique<ssh::Nodes>(std::move(ssh));
  return ok();
}

Result<Values> Networks::run(const Request& request, Context& context) {
  NUBO_TRY(const XmlDocument document, XmlDocument::parse(value_or(request.args, "vm", "<VM/>")));
  const Template vm = read_attributes(document.root().child("TEMPLATE"));
  for (const std::string& driver : drivers_of(vm)) {
    if (driver == "dummy") continue;
    const Status done = driver == "bridge" ? run_bridge(request, vm, context)
                                           : run_scripts(driver, request, context);
    if (!done) return nubo::context(done.error(), fmt::format("network driver {}", driver));
  }
  return Values{};
}

Status Networks::run_bridge(const Request& request, const Template& vm, const Context& context) {
  // libvirt puts the guest's device into the bridge, and a bridge filters nothing.
  if (request.action == "post" || request.action == "update_rules") return ok();
  NUBO_TRY(const std::vector<Bridge> bridges, bridges_of(vm, "bridge", keep_empty_bridge_));
  const std::string script = request.action == "pre" ? pre_script(bridges) : clean_script(bridges);
  if (bridges.empty() || script.empty()) return ok();
  NUBO_CHECK(nodes_->output(request.node, {.script = script}, context));
  return ok();
}

Status Networks::run_scripts(const std::string& driver, const Request& request,
                             const Context& context) {
  const std::string_view script = script_of(request.action);
  const std::string file = fmt::format("vnm/{}/{}", driver, script);
  const bool is_plain = driver.find('/') == std::string::npos && driver.front() != '.';
  if (!is_plain || ::access((remotes_ + "/" + file).c_str(), X_OK) != 0) {
    return fail(Code::action,
                "VN_MAD {} is not available: it is not built in, and there is no {}/{}", driver,
                remotes_, file);
  }
  std::string command = ssh::quote(node_remotes_ + "/" + file);
  if (request.action == "post") {
    command += " " + ssh::command_line({value_or(request.args, "deploy_id", ""), request.node});
  } else if (request.action == "clean") {
    command += " " + ssh::quote(request.node);
  } else if (request.action == "update_rules") {
    command += " " + ssh::quote(value_or(request.args, "deploy_id", ""));
  }
  const ssh::Command run{
      .script = fmt::format("[ -x {} ] || exit {}; exec {}", ssh::quote(node_remotes_ + "/" + file),
                            script_missing, command),
      .input = base64_encode(value_or(request.args, "vm", "<VM/>")) + "\n"};
  NUBO_TRY(ssh::Outcome outcome, nodes_->run(request.node, run, context));
  if (outcome.exit_status == script_missing) {
    NUBO_CHECK(copy_remotes(request.node, context));
    NUBO_TRY(outcome, nodes_->run(request.node, run, context));
  }
  if (outcome.exit_status == 0) return ok();
  return fail(Code::action, "{} on {}: {}", request.action, request.node, error_words(outcome.err));
}

Status Networks::copy_remotes(const std::string& node, const Context& context) {
  const std::string target = ssh::quote(node_remotes_);
  return nodes_->pipe(
      {.node = "", .script = fmt::format("tar -C {} -chf - .", ssh::quote(remotes_))},
      {.node = node, .script = fmt::format("mkdir -p {0} && tar -C {0} -xf -", target)}, context);
}

}  // namespace nubo::vnm
