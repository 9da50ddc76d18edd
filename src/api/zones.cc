// SPDX-License-Identifier: Apache-2.0
// one.zone.*, one.zonepool.info of a zone that stands alone (sheets api.md §7, objects.md
// §7.2-7.4).
#include "api/generic.h"

namespace nubo::api {
namespace {

constexpr ZoneId local_zone{0};
constexpr int first_own_id = 100;
constexpr const char* servers_later = "zones with several servers and federations come later";
constexpr const char* not_here =
    "Enable/disable mode have to be set through the target zone endpoints";

/// Of a server that stands alone: SERVER_ID -1, STATE solo, nothing voted, nothing logged.
constexpr const char* solo_status =
    "<RAFT><SERVER_ID>-1</SERVER_ID><STATE>0</STATE><TERM>0</TERM><VOTEDFOR>-1</VOTEDFOR>"
    "<COMMIT>0</COMMIT><LOG_INDEX>-1</LOG_INDEX><LOG_TERM>-1</LOG_TERM>"
    "<FEDLOG_INDEX>-1</FEDLOG_INDEX></RAFT>";

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_CHECK(parse_template(call.args.text(0)));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::zone)}}));
  return allocate_failure(ObjectType::zone,
                          {Code::allocate, "New zones can only be created at federation master"});
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto zone,
           permitted<Zone>(draft.view(), call, call.args.integer(0), Right::admin));
  if (zone->id.value < first_own_id) {
    return cannot_delete<Zone>("System Zones (ID < 100) cannot be deleted.");
  }
  erase_object<Zone>(draft, zone->id);
  return Value(zone->id.value);
}

// Servers are no attributes, and a zone has an end point.
Status after_update(Draft&, const Context&, Zone& zone, const Template&) {
  zone.attributes.erase("SERVER");
  if (zone.attributes.get("ENDPOINT").empty()) zone.attributes.set("ENDPOINT", "-");
  return ok();
}

Result<Value> enable(Draft& draft, const Context& call) {
  const ZoneId id{call.args.integer(0)};
  if (id != local_zone) return fail(Code::action, "{}", not_here);
  NUBO_CHECK(permitted<Zone>(draft.view(), call, id.value, Right::admin));
  (*draft.edit<Zone>(id))->state = call.args.flag(1) ? 0 : 1;
  return Value(id.value);
}

// --- servers ------------------------------------------------------------------------------------

Result<Zone*> own_zone(Draft& draft, const Context& call) {
  NUBO_TRY(const auto zone,
           permitted<Zone>(draft.view(), call, call.args.integer(0), Right::admin));
  if (zone->id != local_zone) {
    return fail(Code::action, "Servers have to be managed through the target zone endpoints");
  }
  return draft.edit<Zone>(zone->id);
}

Result<Value> addserver(Draft& draft, const Context& call) {
  NUBO_TRY(Zone * zone, own_zone(draft, call));
  NUBO_TRY(const Template given, parse_template(call.args.text(1)));
  const Vector* server = given.vector("SERVER");
  if (!server) return fail(Code::action, "SERVER not found in template");
  if (server->get("NAME").empty()) return fail(Code::action, "Missing NAME in SERVER");
  if (server->get("ENDPOINT").empty() && server->get("ENDPOINT_GRPC").empty()) {
    return fail(Code::action, "Missing ENDPOINT in SERVER");
  }
  int next = 0;
  for (const Vector* known : zone->servers.vectors("SERVER")) {
    next = std::max(next, known->number<int>("ID").value_or(-1) + 1);
  }
  Vector added;
  for (const char* key : {"ENDPOINT", "ENDPOINT_GRPC", "NAME"}) {
    if (server->contains(key)) added.set(key, server->get(key));
  }
  added.set("ID", std::to_string(next));
  zone->servers.add("SERVER", std::move(added));
  return Value(zone->id.value);
}

Result<Value> delserver(Draft& draft, const Context& call) {
  NUBO_TRY(Zone * zone, own_zone(draft, call));
  const std::string id = std::to_string(call.args.integer(1));
  std::vector<Attribute> servers = zone->servers.take("SERVER");
  const std::size_t dropped = std::erase_if(servers, [&id](const Attribute& each) {
    return each.vector() && each.vector()->get("ID") == id;
  });
  if (dropped == 0) return fail(Code::action, "SERVER not found in zone");
  for (Attribute& server : servers) zone->servers.add(std::move(server));
  return Value(zone->id.value);
}

/// Without a log to replicate there is nothing to reset.
Result<Value> resetserver(Draft& draft, const Context& call) {
  NUBO_TRY(Zone * zone, own_zone(draft, call));
  return Value(zone->id.value);
}

Result<Value> raftstatus(const Context& call) {
  NUBO_CHECK(permitted<Zone>(*call.snapshot, call, local_zone.value, Right::admin));
  return Value(solo_status);
}

/// What servers of one zone, or zones of one federation, tell each other.
Result<Value> among_servers(const Context& call) {
  if (call.caller.uid != oneadmin_user) {
    return fail(Code::authorization, "User [{}] not authorized to perform action on zone.",
                call.caller.uid);
  }
  return fail(Code::action, "This zone stands alone: it has one server and no federation");
}

}  // namespace

std::vector<Call> zone_calls() {
  const Parameter a_server{"server", Type::integer};
  const auto number = [](const char* name) { return Parameter{name, Type::integer}; };
  const auto index = [](const char* name) { return Parameter{name, Type::long_integer}; };
  const Parameter a_statement{"sql", Type::text};
  return {
      {"one.zone.allocate", {a_template}, allocate},
      {"one.zone.delete", {an_id}, remove},
      {"one.zone.info", {an_id, a_decrypt_flag}, info<Zone>},
      {"one.zone.update", {an_id, a_template, an_update_type}, update<Zone, after_update>},
      {"one.zone.rename", {an_id, a_name}, rename<Zone>},
      {"one.zone.enable", {an_id, {"enable", Type::flag}}, enable},
      {"one.zone.addserver", {an_id, a_template}, addserver},
      {"one.zone.delserver", {an_id, a_server}, delserver},
      {"one.zone.resetserver", {an_id, a_server}, resetserver},
      {"one.zone.raftstatus", {}, raftstatus},
      {"one.zone.replicate",
       {number("leader"), index("commit"), number("term"), index("index"), number("rec_term"),
        index("prev_index"), number("prev_term"), index("fed_index"), a_statement},
       among_servers,
       servers_later},
      {"one.zone.voterequest",
       {number("term"), number("candidate"), index("log_index"), number("log_term")},
       among_servers,
       servers_later},
      {"one.zone.fedreplicate",
       {index("index"), index("prev"), a_statement},
       among_servers,
       servers_later},
      {"one.zone.updatedb", {number("zone"), {"xml", Type::text}}, among_servers, servers_later},
      {"one.zonepool.info", {}, whole_pool<Zone>},
  };
}

}  // namespace nubo::api
