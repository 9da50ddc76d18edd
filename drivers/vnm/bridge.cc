// SPDX-License-Identifier: Apache-2.0
#include "vnm/bridge.h"

#include <algorithm>

#include "ssh/quote.h"
#include "vnm/node_functions.h"

namespace nubo::vnm {
namespace {

constexpr std::size_t longest_device_name = 15;

Status check_device(const std::string& name, std::string_view key, const Vector& nic) {
  const auto is_allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == ':' || c == '@';
  };
  if (!name.empty() && name.size() <= longest_device_name && name.front() != '-' && name != "." &&
      name != ".." && std::ranges::all_of(name, is_allowed)) {
    return ok();
  }
  return fail(Code::action, "NIC {}: {} \"{}\" is no name of a network device", nic.get("NIC_ID"),
              key, name);
}

// CONF is "key=value,key=value".
bool keeps_empty(const Vector& nic, bool otherwise) {
  const std::string& conf = nic.get("CONF");
  constexpr std::string_view key = "keep_empty_bridge=";
  const std::size_t at = conf.find(key);
  if (at == std::string::npos) return otherwise;
  const std::size_t start = at + key.size();
  return parse_yes_no(conf.substr(start, conf.find(',', start) - start)).value_or(otherwise);
}

}  // namespace

Result<std::vector<Bridge>> bridges_of(const Template& vm, const std::string& driver,
                                       bool keep_empty) {
  std::vector<Bridge> bridges;
  for (const Vector* nic : vm.vectors("NIC")) {
    if (nic->get("VN_MAD") != driver) continue;
    const Bridge bridge{nic->get("BRIDGE"), nic->get("PHYDEV"), keeps_empty(*nic, keep_empty)};
    NUBO_CHECK(check_device(bridge.name, "BRIDGE", *nic));
    if (!bridge.card.empty()) NUBO_CHECK(check_device(bridge.card, "PHYDEV", *nic));
    if (std::ranges::find(bridges, bridge) == bridges.end()) bridges.push_back(bridge);
  }
  return bridges;
}

std::string pre_script(const std::vector<Bridge>& bridges) {
  std::string script = node_functions;
  for (const Bridge& bridge : bridges) {
    script += ssh::command_line({"bridge_up", bridge.name, bridge.card}) + "\n";
  }
  return script;
}

std::string clean_script(const std::vector<Bridge>& bridges) {
  std::string calls;
  for (const Bridge& bridge : bridges) {
    if (!bridge.keep) {
      calls += ssh::command_line({"bridge_down", bridge.name, bridge.card}) + "\n";
    }
  }
  return calls.empty() ? calls : node_functions + calls;
}

}  // namespace nubo::vnm
