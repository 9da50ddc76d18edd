// SPDX-License-Identifier: Apache-2.0
// one.hook.*, one.hookpool.*, one.hooklog.info (sheets api.md §7, objects.md §5.6). Hooks are kept
// and checked; nothing runs them yet, so their log is empty.
#include <algorithm>
#include <array>

#include "api/generic.h"
#include "text/trim.h"

namespace nubo::api {
namespace {

constexpr const char* not_run_yet = "hooks are stored; running them comes later";
constexpr std::string_view empty_log = "<HOOKLOG></HOOKLOG>";

// --- what a hook waits for ----------------------------------------------------------------------

/// Calls that only read cannot be hooked.
bool only_reads(std::string_view method) {
  return method.ends_with(".info") || method == "one.vmpool.infoextended" ||
         method == "one.vmpool.infoset";
}

Status check_call(const std::string& method) {
  if (method.starts_with("one.internal")) return ok();
  const std::vector<Call> calls = all_calls();
  if (!only_reads(method) && std::ranges::find(calls, method, &Call::name) != calls.end()) {
    return ok();
  }
  return fail(Code::internal, "API call does not exist or is not supported: {}", method);
}

struct VmCondition {
  std::string_view on;
  std::string_view state;
  std::string_view lcm_state;
};

constexpr std::array vm_conditions{
    VmCondition{"PROLOG", "ACTIVE", "PROLOG"},   VmCondition{"RUNNING", "ACTIVE", "RUNNING"},
    VmCondition{"SHUTDOWN", "ACTIVE", "EPILOG"}, VmCondition{"STOP", "STOPPED", "LCM_INIT"},
    VmCondition{"DONE", "DONE", "LCM_INIT"},     VmCondition{"UNKNOWN", "ACTIVE", "UNKNOWN"}};

constexpr std::array host_states{"INIT",
                                 "MONITORED",
                                 "ERROR",
                                 "DISABLED",
                                 "OFFLINE",
                                 "MONITORING_INIT",
                                 "MONITORING_MONITORED",
                                 "MONITORING_ERROR",
                                 "MONITORING_DISABLED"};
constexpr std::array image_states{
    "READY", "USED",   "DISABLED",  "LOCKED",      "ERROR",
    "CLONE", "DELETE", "USED_PERS", "LOCKED_USED", "LOCKED_USED_PERS"};
constexpr std::array network_states{"READY", "LOCK_CREATE", "LOCK_DELETE",
                                    "DONE",  "ERROR",       "UPDATE_FAILURE"};

template <std::size_t size>
bool is_in(const std::array<const char*, size>& states, const std::string& state) {
  return std::ranges::find(states, state) != states.end();
}

/// ON becomes STATE and LCM_STATE.
Status settle_vm_state(Template& attributes) {
  const std::string on = upper_case(attributes.get("ON"));
  if (on != "CUSTOM") {
    const auto row = std::ranges::find(vm_conditions, on, &VmCondition::on);
    if (row == vm_conditions.end()) return fail(Code::internal, "Unkown state condition: {}", on);
    attributes.set("STATE", std::string(row->state));
    attributes.set("LCM_STATE", std::string(row->lcm_state));
  }
  attributes.erase("ON");
  return ok();
}

Status check_vm_state(const Template& attributes) {
  if (!vm_state_named(attributes.get("STATE"))) {
    return fail(Code::internal, "Invalid VM state: {}", attributes.get("STATE"));
  }
  if (!lcm_state_named(attributes.get("LCM_STATE"))) {
    return fail(Code::internal, "Invalid VM LCM state: {}", attributes.get("LCM_STATE"));
  }
  return ok();
}

Status check_state(const std::string& resource, const Template& attributes) {
  const std::string& state = attributes.get("STATE");
  const bool known = (resource == "HOST" && is_in(host_states, state)) ||
                     (resource == "IMAGE" && is_in(image_states, state)) ||
                     (resource == "NET" && is_in(network_states, state));
  if (known) return ok();
  return fail(Code::internal, "Invalid {} state: {}", resource, state);
}

Status settle_new(const std::string& kind, Template& attributes) {
  if (kind == "api") return check_call(attributes.get("CALL"));
  const std::string& resource = attributes.get("RESOURCE");
  if (resource == "VM") {
    NUBO_CHECK(settle_vm_state(attributes));
    return check_vm_state(attributes);
  }
  if (resource == "HOST" || resource == "IMAGE" || resource == "NET") {
    return check_state(resource, attributes);
  }
  return fail(Code::internal, "Invalid resource type: {}", resource);
}

// --- changes ------------------------------------------------------------------------------------

void settle_remote(Template& attributes) {
  attributes.set("REMOTE", attributes.yes("REMOTE") ? "YES" : "NO");
}

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::hook)}}));
  Hook made;
  made.kind = given.get("TYPE");
  made.name = given.get("NAME");
  if (made.kind != "api" && made.kind != "state") {
    return fail(Code::internal, "Invalid Hook type: {}", made.kind);
  }
  if (!check_name(made.name)) return fail(Code::internal, "Invalid name.");
  given.erase("TYPE");
  given.erase("NAME");
  given.drop_empty_vectors();
  NUBO_TRY(const HookId id, draft.insert(std::move(made)));
  NUBO_TRY(Hook * hook, draft.edit<Hook>(id));
  if (given.get("COMMAND").empty()) {
    return fail(Code::internal, "No COMMAND in template for Hook.");
  }
  NUBO_CHECK(settle_new(hook->kind, given));
  settle_remote(given);
  hook->attributes = std::move(given);
  return Value(id.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto hook,
           permitted<Hook>(draft.view(), call, call.args.integer(0), Right::manage));
  erase_object<Hook>(draft, hook->id);
  return Value(hook->id.value);
}

Status check_resource(Hook& hook) {
  const std::string& resource = hook.attributes.get("RESOURCE");
  if (resource != "VM") return check_state(resource, hook.attributes);
  if (hook.attributes.contains("ON")) NUBO_CHECK(settle_vm_state(hook.attributes));
  return check_vm_state(hook.attributes);
}

Status after_update(Draft&, const Context&, Hook& hook, const Template& before) {
  Template& attributes = hook.attributes;
  if (attributes.get("COMMAND").empty()) {
    return fail(Code::internal, "The COMMAND attribute is not defined.");
  }
  if (!attributes.contains("REMOTE")) attributes.set("REMOTE", before.get("REMOTE"));
  settle_remote(attributes);
  return hook.kind == "api" ? check_call(attributes.get("CALL")) : check_resource(hook);
}

Result<Value> retry(Draft& draft, const Context& call) {
  NUBO_CHECK(permitted<Hook>(draft.view(), call, call.args.integer(0), Right::manage));
  return fail(Code::internal, "Invalid HookLog body. Arguments not found.");
}

Result<Value> log(const Context& call) {
  if (call.caller.gid == oneadmin_group) return Value(std::string(empty_log));
  return fail(Code::authorization, "User [{}] not authorized to perform action on {}.",
              call.caller.uid, names_of(ObjectType::hook).message);
}

}  // namespace

std::string info_document(const Context&, const Entry<Hook>& entry) {
  std::string document = entry.document;
  return document.insert(document.rfind("</HOOK>"), empty_log);
}

std::vector<Call> hook_calls() {
  const std::vector<Parameter> ignored{{"filter", Type::integer, Value(filter_all)},
                                       {"start", Type::integer, Value(-1)},
                                       {"end", Type::integer, Value(-1)}};
  return {
      {"one.hook.allocate", {a_template}, allocate, not_run_yet},
      {"one.hook.delete", {an_id}, remove},
      {"one.hook.info", {an_id, a_decrypt_flag}, info<Hook>},
      {"one.hook.update", {an_id, a_template, an_update_type}, update<Hook, after_update>},
      {"one.hook.rename", {an_id, a_name}, rename<Hook>},
      {"one.hook.lock", lock_parameters(), lock<Hook>},
      {"one.hook.unlock", {an_id}, unlock<Hook>},
      {"one.hook.retry", {an_id, {"execution", Type::integer}}, retry, not_run_yet},
      {"one.hookpool.info", ignored, whole_pool<Hook>},
      {"one.hooklog.info",
       {{"min_ts", Type::integer},
        {"max_ts", Type::integer},
        {"hook", Type::integer},
        {"rc", Type::integer}},
       log,
       not_run_yet},
  };
}

}  // namespace nubo::api
