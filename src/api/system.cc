// SPDX-License-Identifier: Apache-2.0
// one.system.* (sheets api.md §7, xml.md §3.4).
#include "api/generic.h"

namespace nubo::api {
namespace {

constexpr const char* config_root = "OPENNEBULA_CONFIGURATION";

Result<Value> version(const Context& call) { return Value(call.settings().version); }

/// Secrets read *** for everybody, the database's access data for all but the first group.
Result<Value> config(const Context& call) {
  constexpr const char* mask = "***";
  Template shown = call.settings().config;
  if (shown.contains("ONE_KEY")) shown.set("ONE_KEY", mask);
  if (Vector* database = shown.vector("DB"); database && call.caller.gid != oneadmin_group) {
    for (const char* key : {"BACKEND", "SERVER", "PORT", "USER", "PASSWD", "DB_NAME", "PATH"}) {
      if (database->contains(key)) database->set(key, mask);
    }
  }
  std::string document;
  XmlWriter out(document);
  out.open(config_root);
  write_attributes(out, shown);
  out.close(config_root);
  return Value(std::move(document));
}

constexpr const char* no_statements = "the state is in memory, and the file has one writer";

/// The state is in memory and the file is the writer's own, so nobody else reads or writes it.
Result<Value> statement(const Context& call) {
  if (call.caller.uid != oneadmin_user) {
    return fail(Code::authorization, "User [{}] not authorized to perform action on -.",
                call.caller.uid);
  }
  return fail(Code::action, "Statements on the database are not available");
}

}  // namespace

std::vector<Call> system_calls() {
  const Parameter a_statement{"sql", Type::text};
  return {{"one.system.version", {}, version},
          {"one.system.config", {}, config},
          {"one.system.sql", {a_statement, {"federate", Type::flag}}, statement, no_statements},
          {"one.system.sqlquery", {a_statement}, statement, no_statements}};
}

}  // namespace nubo::api
