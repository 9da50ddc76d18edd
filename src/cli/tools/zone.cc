// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"
#include "nubo/client/client.h"

namespace nubo::cli {
namespace {

constexpr std::array raft_states{"solo", "candidate", "follower", "leader"};

std::string endpoint(const Row& row) { return get(row.node, "TEMPLATE/ENDPOINT"); }

std::string current(const Row& row) {
  const std::string given = row.listing.run().options.get("endpoint");
  const std::string used = given.empty() ? client::endpoint_from_environment() : given;
  return endpoint(row) == used ? "*" : "";
}

/// How far the zone has followed the federation.
std::string federation_index(const Row& row) {
  const auto status = row.listing.run().call_for_document("zone.raftstatus", {});
  return status ? status->root().get("FEDLOG_INDEX") : "-";
}

constexpr std::array columns{
    Column{"CURRENT", "Active Zone", 1, right, &current},
    Column{"ID", "ONE identifier for the Zone", 4, adjust, &id_value},
    Column{"NAME", "Name of the Zone", 15, left | expand, &name_value},
    Column{"ENDPOINT", "Endpoint of the Zone", 45, left, &endpoint},
    Column{"FED_INDEX", "Federation index", 10, left, &federation_index},
    Column{"STAT", "Zone status", 4, left, &on_off_value},
};
constexpr ListLayout layout{columns, "CURRENT,ID,NAME,ENDPOINT,FED_INDEX,STAT"};

void print_servers(Page& page, const std::vector<XmlNode>& servers) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::vector<std::string>> sync;
  for (const XmlNode& server : servers) {
    rows.push_back({server.get("ID"), server.get("NAME"), server.get("ENDPOINT")});
    const auto state = static_cast<std::size_t>(number(server, "STATE"));
    sync.push_back({server.get("ID"), server.get("NAME"),
                    state < raft_states.size() ? raft_states[state] : "error", server.get("TERM"),
                    server.get("LOG_INDEX"), server.get("COMMIT"), server.get("VOTEDFOR"),
                    server.get("FEDLOG_INDEX")});
  }
  page.blank();
  page.header("ZONE SERVERS");
  page.table({{"ID", 2}, {"NAME", 15, true}, {"ENDPOINT", 63, true}}, rows);
  page.blank();
  page.header("HA & FEDERATION SYNC STATUS");
  page.table({{"ID", 2},
              {"NAME", 15, true},
              {"STATE", 10, true},
              {"TERM", 10, true},
              {"INDEX", 10, true},
              {"COMMIT", 10, true},
              {"VOTE", 5, true},
              {"FED_INDEX", 10, true}},
             sync);
}

Status show(Run& run, const XmlNode& zone) {
  Page page(run, {.label = 18});
  page.title(fmt::format("ZONE {} INFORMATION", zone.get("ID")));
  page.line("ID", zone.get("ID"));
  page.line("NAME", zone.get("NAME"));
  page.line("STATE", zone.get("STATE") == "0" ? "ENABLED" : "DISABLED");
  page.blank();
  const auto servers = zone.child("SERVER_POOL").children("SERVER");
  if (!servers.empty()) print_servers(page, servers);
  page.blank();
  page.attributes("ZONE TEMPLATE", zone.child("TEMPLATE"));
  return ok();
}

Result<int> create(Run& run) {
  NUBO_TRY(const std::string text, run.shell.read_file(run.text(0)));
  return print_id(run, run.call_for_id("allocate", {text}));
}

Result<int> add_server(Run& run) {
  const Options& options = run.options;
  if (!options.has("name") || !options.has("rpc")) {
    return fail(Code::api,
                "To add a server set:\n\t-n <server name>\n\t-r <XML-RPC endpoint>\n"
                "\t-g <gRPC endpoint>");
  }
  NUBO_CHECK(run.call(
      "addserver", {run.id(0), fmt::format("SERVER = [ NAME={}, ENDPOINT={}, "
                                           "ENDPOINT_GRPC={} ]",
                                           quoted(options.get("name")), quoted(options.get("rpc")),
                                           quoted(options.get("grpc-endpoint")))}));
  run.done(run.id(0), "server added");
  return 0;
}

constexpr std::array server_options{
    Option{"name", 'n', Takes::text, "name", "Name of the server"},
    Option{"rpc", 'r', Takes::text, "endpoint", "Its XML-RPC endpoint"},
    Option{"grpc-endpoint", 'g', Takes::text, "endpoint", "Its gRPC endpoint"},
};
constexpr std::array keep_option{
    Option{"keep", 'k', Takes::nothing, "", "Only say how to set the endpoint"},
};

/// Shows or writes down where the zone is to be found, for the commands that follow.
Result<int> set(Run& run) {
  NUBO_TRY(const XmlDocument zone, run.call_for_document("info", {run.id(0), false}));
  const std::string where = get(zone.root(), "TEMPLATE/ENDPOINT");
  if (run.options.has("keep")) {
    run.line("Type: export ONE_XMLRPC=" + where);
    return 0;
  }
  NUBO_CHECK(run.shell.write_secret_file(run.shell.variable("HOME") + "/.one/one_endpoint", where));
  run.line("Endpoint changed to \"" + where + "\"");
  return 0;
}

constexpr std::array commands{
    Command{"create", "<file>", "Creates a new Zone", {}, create},
    Command{
        "server-add", "<zoneid>", "Adds a server to the Zone", {}, add_server, {server_options}},
    Command{"server-del",
            "<zoneid> <serverid>",
            "Deletes a server from the Zone",
            {"delserver", "# $1i", "server deleted"}},
    Command{"server-reset",
            "<zoneid> <serverid>",
            "Starts the log of a server of the Zone anew",
            {"resetserver", "# $1i", "server reset"}},
    Command{"set", "<zoneid>", "Talks to that Zone from now on", {}, set, {keep_option}},
    Command{
        "enable", "<range|zoneid_list>", "Enables the Zone", {"enable", "# true", "enable zone"}},
    Command{"disable",
            "<range|zoneid_list>",
            "Disables the Zone",
            {"enable", "# false", "disable zone"}},
};

}  // namespace

Tool zone_tool() {
  return {.name = "onezone",
          .pool = "zone",
          .id_name = "zoneid",
          .noun = "Zone",
          .common = common_list | common_show | common_update | common_rename | common_delete,
          .commands = commands,
          .list = &layout,
          .show = show};
}

}  // namespace nubo::cli
