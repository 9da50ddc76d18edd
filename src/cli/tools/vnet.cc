// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/address_range.h"
#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array brief_states{"init", "rdy", "lock", "lock", "done", "err", "fail"};
constexpr std::array states{"INIT", "READY", "LOCK_CREATE",   "LOCK_DELETE",
                            "DONE", "ERROR", "UPDATE_FAILURE"};

template <class Names>
std::string state_of(const XmlNode& network, const Names& names) {
  const auto state = static_cast<std::size_t>(number(network, "STATE"));
  return state < names.size() ? names[state] : "";
}

std::string bridge(const Row& row) { return row.node.get("BRIDGE"); }

std::string state(const Row& row) { return state_of(row.node, brief_states); }

std::string leases(const Row& row) { return row.node.get("USED_LEASES"); }

constexpr std::array columns{
    Column{"ID", "ONE identifier for Virtual Network", 4, adjust, &id_value},
    Column{"USER", "Username of the Virtual Network owner", 8, left, &user_value},
    Column{"GROUP", "Group of the Virtual Network", 8, left, &group_value},
    Column{"NAME", "Name of the Virtual Network", 15, left | expand, &name_value},
    Column{"CLUSTERS", "Cluster IDs", 10, left, &clusters_value},
    Column{"BRIDGE", "Bridge associated to the Virtual Network", 8, left | expand, &bridge},
    Column{"STATE", "State of the Virtual Network", 6, left | expand, &state},
    Column{"LEASES", "Number of this Virtual Network's given leases", 6, right, &leases},
    Column{"UPDATED", "Number of VMs with updated VN attributes", 4, right, &updated_value},
    Column{"OUTDATED", "Number of VMs with outdated VN attributes", 4, right, &outdated_value},
    Column{"ERROR", "Number of VMs that failed to update VN attributes", 4, right, &error_value},
};
constexpr ListLayout layout{columns,
                            "ID,USER,GROUP,NAME,CLUSTERS,BRIDGE,STATE,LEASES,OUTDATED,ERROR"};

std::string either(const XmlNode& node, const char* first, const char* second) {
  const std::string text = node.get(first);
  return text.empty() ? node.get(second) : text;
}

void print_information(Page& page, const XmlNode& network) {
  const auto optional = [&](const char* label, const std::string& value) {
    if (!value.empty()) page.line(label, value);
  };
  const auto flag = [&](const char* name) { return network.get(name) == "1" ? "YES" : "NO"; };
  page.title(fmt::format("VIRTUAL NETWORK {} INFORMATION", network.get("ID")));
  identity_lines(page, network, true);
  const std::string clusters = id_list(network.child("CLUSTERS"));
  page.line("CLUSTERS", clusters.empty() ? "-" : clusters);
  optional("BRIDGE", network.get("BRIDGE"));
  page.line("STATE", state_of(network, states));
  optional("VN_MAD", network.get("VN_MAD"));
  optional("PHYSICAL DEVICE", network.get("PHYDEV"));
  optional("VLAN ID", network.get("VLAN_ID"));
  page.line("AUTOMATIC VLAN ID", flag("VLAN_ID_AUTOMATIC"));
  optional("OUTER VLAN ID", network.get("OUTER_VLAN_ID"));
  page.line("AUTOMATIC OUTER VLAN ID", flag("OUTER_VLAN_ID_AUTOMATIC"));
  page.line("USED LEASES", network.get("USED_LEASES"));
}

void print_range(Run& run, Page& narrow, const XmlNode& range) {
  constexpr std::array addresses{"MAC", "IP", "IP6_GLOBAL", "IP6_ULA", "IP6"};
  narrow.title(fmt::format("AR {}", range.get("AR_ID")));
  narrow.line("SIZE", range.get("SIZE"));
  narrow.line("LEASES", range.get("USED_LEASES"));
  for (const char* name : {"VN_MAD", "IPAM_MAD"}) {
    if (!range.get(name).empty()) narrow.line(name, range.get(name));
  }
  narrow.blank();
  narrow.header(fmt::format("{:<10} {:>34} {:>34}", "RANGE", "FIRST", "LAST"));
  for (const char* name : addresses) {
    const std::string first = range.get(name);
    if (!first.empty())
      run.line(
          fmt::format("{:<10} {:>34} {:>34}", name, first, range.get(std::string(name) + "_END")));
  }
  narrow.blank();
}

std::string owner_of(const XmlNode& lease) {
  for (const auto& [name, letter] :
       {std::pair{"VM", 'V'}, std::pair{"VNET", 'N'}, std::pair{"VROUTER", 'R'}}) {
    if (!lease.get(name).empty()) return fmt::format("{}:{}", letter, lease.get(name));
  }
  return "-";
}

std::vector<std::vector<std::string>> lease_rows(const XmlNode& pool) {
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& range : pool.children("AR")) {
    for (const XmlNode& lease : range.child("LEASES").children("LEASE")) {
      const std::string ip6 = either(lease, "IP6", "IP6_GLOBAL");
      std::string forward = "-";
      if (const std::string outside = lease.get("EXTERNAL_PORT_RANGE"); !outside.empty()) {
        const std::string inside = lease.get("INTERNAL_PORT_RANGE");
        forward = fmt::format("{}:{}", outside, inside);
      }
      rows.push_back({range.get("AR_ID"), owner_of(lease), lease.get("MAC"),
                      or_dash(lease.get("IP")), forward,
                      or_dash(ip6.empty() ? lease.get("IP6_ULA") : ip6)});
    }
  }
  return rows;
}

Status show(Run& run, const XmlNode& network) {
  Page page(run, {.label = 25});
  Page narrow(run);
  print_information(page, network);
  page.blank();
  page.permissions(network);
  page.blank();
  page.attributes("VIRTUAL NETWORK TEMPLATE", network.child("TEMPLATE"));
  page.blank();
  page.header("ADDRESS RANGE POOL");
  const XmlNode pool = network.child("AR_POOL");
  for (const XmlNode& range : pool.children("AR")) print_range(run, narrow, range);
  page.blank();
  page.header("LEASES");
  page.table({{"AR", 3, true},
              {"OWNER", 10, true},
              {"MAC", 5, false, true},
              {"IP", 5, false, true},
              {"PORT_FORWARD", 5, false, true},
              {"IP6", 5, false, true}},
             lease_rows(pool));
  page.blank();
  page.id_list("VIRTUAL ROUTERS", network.child("VROUTERS"));
  page.blank();
  machine_lines(narrow, network);
  if (!run.options.has("show-ar")) return ok();
  for (const XmlNode& range : pool.children("AR")) {
    page.blank();
    page.attributes(fmt::format("TEMPLATE FOR AR {}", range.get("AR_ID")), range, {"LEASES"});
  }
  return ok();
}

Result<int> create(Run& run) {
  const std::optional<std::string> text = created_text(run, 0);
  if (!text) return fail(Code::api, "Give the template of the network: a file, or standard input");
  return print_id(run, run.call_for_id("allocate", {*text, run.options.number("cluster", -1)}));
}

Result<int> add_range(Run& run) {
  const int id = run.id(0);
  std::string text;
  if (const std::optional<std::string> given =
          has_address_range(run.options) ? std::nullopt : created_text(run, 1)) {
    text = *given;
  } else {
    NUBO_TRY(text, address_range_text(run.options));
  }
  NUBO_CHECK(run.call("add_ar", {id, text}));
  run.done(id, "address range added");
  return 0;
}

Result<int> update_range(Run& run) {
  const int id = run.id(0);
  NUBO_TRY(const XmlDocument network, run.call_for_document("info", {id, false}));
  XmlNode chosen;
  for (const XmlNode& range : network.root().child("AR_POOL").children("AR")) {
    if (range.get("AR_ID") == run.text(1)) chosen = range;
  }
  if (!chosen)
    return fail(Code::no_exists, "Address Range {} does not exist for Virtual Network {}",
                run.text(1), id);
  TextSource source{2, true,
                    [&] { return Result<std::string>(template_text(chosen, {"LEASES"})); }};
  Result<std::string> text = edited_text(run, source);
  if (!text) return report_edit_error(run, text.error());
  if (!run.has(2) && text->find("AR=[") == text->npos && text->find("AR = [") == text->npos) {
    text = fmt::format("AR=[\n{}]", join(split(*text, '\n'), ",\n"));
  }
  NUBO_CHECK(run.call("update_ar", {id, *text}));
  run.done(id, "AR updated");
  return 0;
}

// The attribute that an address is: IP, IP6 or MAC; "" when it is none.
std::string address_kind(const std::string& text) {
  in6_addr parsed{};
  if (inet_pton(AF_INET, text.c_str(), &parsed) == 1) return "IP";
  if (inet_pton(AF_INET6, text.c_str(), &parsed) == 1) return "IP6";
  const bool hex = text.find_first_not_of("0123456789abcdefABCDEF:") == text.npos;
  return text.size() == 17 && hex ? "MAC" : "";
}

Result<int> change_lease(Run& run) {
  const bool hold = run.command.name == "hold";
  const std::string kind = address_kind(run.text(1));
  if (kind.empty()) return fail(Code::api, "Unknown address type");
  std::string text = fmt::format("LEASES = [ {} = {}", kind, run.text(1));
  if (run.options.has("address_range")) text += ", AR_ID = " + run.options.get("address_range");
  NUBO_CHECK(run.call(hold ? "hold" : "release", {run.id(0), text + "]"}));
  run.done(run.id(0), hold ? "lease on hold" : "lease released");
  return 0;
}

Result<int> reserve(Run& run) {
  const Options& options = run.options;
  if (!options.has("size")) return fail(Code::api, "Specify a size (-s size) for the reservation");
  if (!options.has("name") && !run.has(1))
    return fail(Code::api, "Specify a name (-n name) for the reservation");
  std::string text = fmt::format("SIZE       = {}\nNAME       = {}\n", options.get("size"),
                                 quoted(options.find("name").value_or("-1")));
  if (options.has("address_range"))
    text += fmt::format("AR_ID      = {}\n", options.get("address_range"));
  if (run.has(1)) text += fmt::format("NETWORK_ID = {}\n", run.id(1));
  for (const char* address : {"ip", "ip6", "mac"}) {
    if (options.has(address))
      text += fmt::format("{} = {}\n", upper(address), options.get(address));
  }
  NUBO_TRY(const int id, run.call_for_id("reserve", {run.id(0), text}));
  run.line(fmt::format("Reservation VNET ID: {}", id));
  run.done(run.id(0), "reservation made");
  return 0;
}

Result<int> recover(Run& run) {
  constexpr std::array operations{"failure", "success", "delete", "retry"};
  int operation = -1;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (operation < 0 && run.options.has(operations[i])) operation = static_cast<int>(i);
  }
  if (operation < 0)
    return fail(Code::api,
                "Need to specify the result of the pending action.\n"
                "\t--success recover the VN by succeeding the missing action.\n"
                "\t--failure recover the VN by failing the missing action.\n"
                "\t--delete no recover possible, delete the VN.");
  return run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("recover", {id, operation}));
    run.done(id, "recovering");
    return ok();
  });
}

Result<int> orphans(Run& run) {
  NUBO_TRY(const XmlNode networks, run.pool(*find_pool("vnet")));
  NUBO_TRY(const XmlNode templates, run.pool(*find_pool("template")));
  for (const XmlNode& network : networks.children("VNET")) {
    const auto uses = [&](const XmlNode& nic) {
      if (nic.get("NETWORK_ID") == network.get("ID")) return true;
      return !nic.get("NETWORK").empty() && nic.get("NETWORK") == network.get("NAME") &&
             nic.get("NETWORK_UNAME") == network.get("UNAME");
    };
    bool used = false;
    for (const XmlNode& machine : templates.children("VMTEMPLATE")) {
      used = used || std::ranges::any_of(machine.child("TEMPLATE").children("NIC"), uses);
    }
    if (!used) run.line(network.get("ID"));
  }
  return 0;
}

constexpr std::array cluster_option{
    Option{"cluster", 'c', Takes::object, "id|name", "Selects the cluster", "cluster"}};
constexpr std::array force_option{
    Option{"force", 0, Takes::nothing, "", "Remove it though addresses are in use"}};
constexpr std::array range_option{
    Option{"address_range", 'a', Takes::text, "ar_id", "ID of the address range"}};
constexpr std::array reserve_options{
    Option{"name", 'n', Takes::text, "name", "Name of the reservation"},
    Option{"size", 's', Takes::text, "size", "Number of addresses"},
    Option{"address_range", 'a', Takes::text, "ar_id", "ID of the address range"},
    Option{"mac", 'm', Takes::text, "mac", "First MAC address"},
    Option{"ip", 'i', Takes::text, "ip", "First IP address"},
    Option{"ip6", '6', Takes::text, "ip6", "First IPv6 address"},
};
constexpr std::array recover_options{
    Option{"success", 0, Takes::nothing, "", "The pending action has succeeded"},
    Option{"failure", 0, Takes::nothing, "", "The pending action has failed"},
    Option{"delete", 0, Takes::nothing, "", "Delete the network"},
    Option{"retry", 0, Takes::nothing, "", "Run the action again"},
};
constexpr std::array extended_options{
    Option{"extended", 0, Takes::nothing, "", "Show info extended (it only works with xml output)"},
    Option{"kilobytes", 'k', Takes::nothing, "", "Show units in kilobytes"},
};
constexpr std::array show_options{
    Option{"show-ar", 0, Takes::nothing, "", "Also the template of each address range"}};

constexpr std::array commands{
    Command{"create", "[file]", "Creates a new Virtual Network", {}, create, {cluster_option}},
    Command{
        "delete", "<range|vnetid_list>", "Deletes the given network", {"delete", "#", "deleting"}},
    Command{"addar",
            "<vnetid> [file]",
            "Adds an address range",
            {},
            add_range,
            {address_range_options}},
    Command{"rmar",
            "<vnetid> <ar_id>",
            "Removes an address range",
            {"rm_ar", "# $1i ?force", "address range removed"},
            nullptr,
            {force_option}},
    Command{"updatear",
            "<vnetid> <ar_id> [file]",
            "Changes an address range",
            {},
            update_range,
            {append_options}},
    Command{"free",
            "<vnetid> <ar_id>",
            "Gives a reserved address range back",
            {"free_ar", "# $1i", "address range freed"}},
    Command{"hold",
            "<vnetid> <ip>",
            "Holds a lease, so that it is not given out",
            {},
            change_lease,
            {range_option}},
    Command{"release",
            "<vnetid> <ip>",
            "Releases a lease that is on hold",
            {},
            change_lease,
            {range_option}},
    Command{"reserve",
            "<vnetid> [vnetid]",
            "Reserves addresses in a network of their own",
            {},
            reserve,
            {reserve_options}},
    Command{"recover",
            "<range|vnetid_list>",
            "Leads a stuck network out of its state",
            {},
            recover,
            {recover_options}},
    Command{"orphans", "", "Shows networks that no template uses", {}, orphans},
};

}  // namespace

Tool vnet_tool() {
  return {.name = "onevnet",
          .pool = "vnet",
          .id_name = "vnetid",
          .noun = "VNet",
          .common = common_owned | common_lock,
          .commands = commands,
          .list = &layout,
          .show = show,
          .list_options = extended_options,
          .show_options = show_options};
}

}  // namespace nubo::cli
