// SPDX-License-Identifier: Apache-2.0
#include "cli/tools/vm_security.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/values.h"

namespace nubo::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::array further_addresses{"IP6_LINK", "IP6_ULA", "IP6_GLOBAL", "IP6"};

std::string network_name(const XmlNode& nic) {
  return nic.get("NETWORK").empty() ? "-" : nic.get("NETWORK");
}

Rows address_rows(const std::vector<XmlNode>& nics, bool with_pci) {
  Rows rows;
  for (const XmlNode& nic : nics) {
    const std::string ip = nic.get("IP");
    const std::string router = nic.get("VROUTER_IP");
    std::vector<std::string> first{nic.get("NIC_ID"), network_name(nic), nic.get("BRIDGE"),
                                   ip.empty() ? "-" : ip, nic.get("MAC")};
    if (with_pci) first.push_back(nic.get("PCI_ID"));
    rows.push_back(first);
    const auto more = [&](const std::string& text) {
      std::vector<std::string> row{"", "", "", text, ""};
      if (with_pci) row.emplace_back();
      rows.push_back(row);
    };
    if (!router.empty()) more(router + " (VRouter)");
    for (const char* name : further_addresses) {
      if (const std::string address = nic.get(name); !address.empty()) more(address);
    }
  }
  return rows;
}

void print_port_forward(Run& run, Page& page, const XmlNode& vm) {
  std::vector<std::string> lines;
  for (const char* kind : {"NIC", "NIC_ALIAS"}) {
    for (const XmlNode& nic : vm.child("TEMPLATE").children(kind)) {
      if (nic.get("EXTERNAL_PORT_RANGE").empty()) continue;
      const std::vector<XmlNode> history = vm.child("HISTORY_RECORDS").children("HISTORY");
      const std::string host = history.empty() ? "" : history.back().get("HOSTNAME");
      lines.push_back(fmt::format("[{}:{}]:{}", host, nic.get("EXTERNAL_PORT_RANGE"),
                                  nic.get("INTERNAL_PORT_RANGE")));
    }
  }
  if (lines.empty()) return;
  page.blank();
  page.header("PORT FORWARD");
  for (const std::string& line : lines) run.line(line);
}

std::string protocol_text(const XmlNode& rule) {
  const std::string type = rule.get("ICMP_TYPE");
  return type.empty() ? rule.get("PROTOCOL") : fmt::format("{}-{}", rule.get("PROTOCOL"), type);
}

}  // namespace

void print_nics(Run& run, Page& page, const XmlNode& vm) {
  const XmlNode attributes = vm.child("TEMPLATE");
  std::vector<XmlNode> nics = attributes.children("NIC");
  for (const XmlNode& device : attributes.children("PCI")) {
    if (!device.get("NIC_ID").empty()) nics.push_back(device);
  }
  if (!nics.empty()) {
    page.blank();
    page.header("VM NICS");
    page.table({{"ID", 3},
                {"NETWORK", 20, true},
                {"BRIDGE", 12, true},
                {"IP", 15, true, true},
                {"MAC", 17, true},
                {"PCI_ID", 8, true}},
               address_rows(nics, true));
  }
  if (const std::vector<XmlNode> aliases = attributes.children("NIC_ALIAS"); !aliases.empty()) {
    page.blank();
    page.header("VM ALIAS");
    page.table({{"ID", 3},
                {"NETWORK", 20, true},
                {"BRIDGE", 12, true},
                {"IP", 15, true, true},
                {"MAC", 17, true}},
               address_rows(aliases, false));
  }
  print_port_forward(run, page, vm);
}

void print_security(Page& page, const XmlNode& vm) {
  const XmlNode attributes = vm.child("TEMPLATE");
  Rows groups;
  for (const XmlNode& nic : attributes.children("NIC")) {
    if (!nic.get("SECURITY_GROUPS").empty())
      groups.push_back({nic.get("NIC_ID"), network_name(nic), nic.get("SECURITY_GROUPS")});
  }
  if (groups.empty()) return;
  page.blank();
  page.header("SECURITY");
  page.blank();
  page.table({{"NIC_ID", 6}, {"NETWORK", 25, true}, {"SECURITY_GROUPS", 47, true}}, groups);
  Rows rules;
  for (const XmlNode& rule : attributes.children("SECURITY_GROUP_RULE")) {
    rules.push_back({rule.get("SECURITY_GROUP_ID"), rule.get("SECURITY_GROUP_NAME"),
                     rule.get("RULE_TYPE"), protocol_text(rule), rule.get("NETWORK_ID"),
                     rule.get("IP").empty() ? rule.get("MAC") : rule.get("IP"), rule.get("SIZE"),
                     rule.get("RANGE")});
  }
  page.blank();
  page.header("SECURITY GROUP   TYPE     PROTOCOL NETWORK                       RANGE          ");
  page.table({{"ID", 4},
              {"NAME", 11, true},
              {"", 8, true},
              {"", 8, true},
              {"VNET", 4},
              {"START", 17, true},
              {"SIZE", 6, true},
              {"", 15, true, true}},
             rules);
}

}  // namespace nubo::cli
