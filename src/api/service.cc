// SPDX-License-Identifier: Apache-2.0
#include "api/service.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <unordered_map>

#include "api/vm_life.h"

namespace nubo::api {
namespace {

constexpr int request_ids = 10'000;

// How the XML-RPC library of OpenNebula words what it did not expect.
constexpr const char* unexpected =
    "Unexpected error executing code for particular method, detected by Xmlrpc-c method registry "
    "code.  Method did not fail; rather, it did not complete at all.  ";

struct TypeWords {
  const char* in_fault;
  const char* in_signature;
};

TypeWords words_of(Type type) {
  switch (type) {
    case Type::integer:
      return {"integer", "int"};
    case Type::long_integer:
      return {"64-bit integer", "i8"};
    case Type::flag:
      return {"boolean", "boolean"};
    case Type::text:
      return {"a string", "string"};
    case Type::integers:
      return {"an array", "array"};
  }
  return {};
}

bool is_of(Type type, const Value& value) {
  switch (type) {
    case Type::integer:
      return value.as<int>() != nullptr;
    case Type::long_integer:
      return value.as<std::int64_t>() != nullptr;
    case Type::flag:
      return value.as<bool>() != nullptr;
    case Type::text:
      return value.as<std::string>() != nullptr;
    case Type::integers:
      return value.as<Array>() != nullptr;
  }
  return false;
}

Fault wrong_type(Type type) {
  return {FaultCode::type,
          fmt::format("Parameter that is supposed to be {} is not", words_of(type).in_fault)};
}

bool holds_integers(const Value& value) {
  return std::ranges::all_of(*value.as<Array>(),
                             [](const Value& each) { return each.as<int>() != nullptr; });
}

/// The arguments behind the session as the row wants them. Of several wrong ones the last is named,
/// as clients know it.
std::variant<Args, Fault> take_arguments(const Call& call, std::vector<Value>& given) {
  std::vector<Value> taken(call.parameters.size(), Value(0));
  for (std::size_t place = call.parameters.size(); place-- > 0;) {
    const Parameter& parameter = call.parameters[place];
    if (place + 1 >= given.size()) {
      if (!parameter.otherwise) return Fault{FaultCode::type, "Not enough parameters"};
      taken[place] = *parameter.otherwise;
      continue;
    }
    Value& value = given[place + 1];
    if (!is_of(parameter.type, value)) return wrong_type(parameter.type);
    if (parameter.type == Type::integers && !holds_integers(value)) {
      return Fault{FaultCode::internal,
                   fmt::format("{}Not integer type.  See type() method", unexpected)};
    }
    taken[place] = std::move(value);
  }
  return Args(std::move(taken));
}

Reply reply_of(const std::string& method, Result<Value> outcome) {
  if (outcome) return *std::move(outcome);
  Error error = std::move(outcome).error();
  error.message = fmt::format("[{}] {}", method, error.message);
  return error;
}

bool is_disabled(const Snapshot& snapshot) {
  const auto zone = snapshot.find<Zone>(ZoneId{0});
  return zone && zone->state != 0;
}

/// A disabled zone is still read, and can be enabled again (api.md §4, "HA/federation").
bool works_when_disabled(const Call& call) {
  constexpr std::array writes{"one.zone.enable", "one.vmpool.calculateshowback"};
  constexpr std::array refused{"one.cluster.info", "one.acl.info", "one.host.monitoring",
                               "one.vm.monitoring"};
  if (std::ranges::find(writes, call.name) != writes.end()) return true;
  return std::holds_alternative<Read>(call.handler) &&
         std::ranges::find(refused, call.name) == refused.end();
}

/// Reads that answer with one object of moderate size.
bool is_quick_read(const Request& request, const Snapshot& snapshot) {
  constexpr std::array quick{"one.cluster.info", "one.datastore.info", "one.group.info",
                             "one.host.info",    "one.image.info",     "one.system.version",
                             "one.template.info", "one.user.info",     "one.vm.info"};
  if (std::ranges::find(quick, request.method) == quick.end()) return false;
  if (request.method != "one.vm.info") return true;
  const int* id = request.params.size() > 1 ? request.params[1].as<int>() : nullptr;
  return id && snapshot.pool<Vm>().entry(VmId{*id}) != nullptr;
}

class Dispatcher {
 public:
  Dispatcher(Environment& environment, std::vector<Call> calls) : env_(environment) {
    for (Call& call : calls) {
      std::string name = call.name;
      calls_.emplace(std::move(name), std::move(call));
    }
  }

  void handle(Request request, const Done& done) {
    const auto found = calls_.find(request.method);
    if (found == calls_.end()) {
      return done(
          Fault{FaultCode::no_such_method, fmt::format("Method '{}' not defined", request.method)});
    }
    if (request.params.empty()) {
      return done(
          Fault{FaultCode::internal,
                fmt::format("{}Subscript of xmlrpc_c::paramList out of bounds", unexpected)});
    }
    const SnapshotPtr snapshot = env_.writer.snapshot();
    const std::string* session = request.params[0].as<std::string>();
    auto caller = env_.authenticator.authenticate(*snapshot, session ? *session : std::string());
    if (!caller) return done(reply_of(request.method, Failure(caller.error())));
    if (is_disabled(*snapshot) && !works_when_disabled(found->second)) {
      return done(
          reply_of(request.method, fail(Code::internal, "Cannot process request, zone disabled")));
    }
    auto arguments = take_arguments(found->second, request.params);
    if (auto* fault = std::get_if<Fault>(&arguments)) return done(std::move(*fault));
    run(found->second,
        std::make_shared<const Context>(Context{env_, std::move(request.method),
                                                next_id_++ % request_ids, *std::move(caller),
                                                std::get<Args>(std::move(arguments)), snapshot}),
        done);
  }

  /// A call that changes something is only submitted; what is no call is refused.
  bool is_quick(const Request& request) const {
    const auto found = calls_.find(request.method);
    if (found == calls_.end() || std::holds_alternative<Write>(found->second.handler)) return true;
    return std::holds_alternative<Read>(found->second.handler) &&
           is_quick_read(request, *env_.writer.snapshot());
  }

  std::vector<MethodInfo> methods() const {
    std::vector<MethodInfo> all;
    for (const auto& [name, call] : calls_) {
      MethodInfo info{name, {"array", "string"}, "session"};
      for (const Parameter& parameter : call.parameters) {
        info.signature.emplace_back(words_of(parameter.type).in_signature);
        info.help += fmt::format(", {}", parameter.name);
      }
      all.push_back(std::move(info));
    }
    return all;
  }

 private:
  static void run(const Call& call, const ContextPtr& context, const Done& done) {
    const auto answer = [context, done](Result<Value> outcome) {
      done(reply_of(context->method, std::move(outcome)));
    };
    if (const auto* read = std::get_if<Read>(&call.handler)) {
      answer((*read)(*context));
    } else if (const auto* write = std::get_if<Write>(&call.handler)) {
      submit(
          context, [write = *write, context](Draft& draft) { return write(draft, *context); },
          answer);
    } else {
      std::get<Start>(call.handler)(context, answer);
    }
  }

  Environment& env_;
  std::unordered_map<std::string, Call> calls_;
  std::atomic<int> next_id_ = 0;
};

template <class T>
void conceal(Draft& draft, const SecretAttributes& secrets) {
  for (const auto& [id, touched] : draft.touched<T>()) {
    if (touched.entry) secrets.conceal(touched.entry->object);
  }
}

template <class... T>
void conceal_all(Draft& draft, const SecretAttributes& secrets,
                 std::type_identity<std::tuple<T...>>) {
  (conceal<T>(draft, secrets), ...);
}

/// What a call has made its objects hold is stored with its secrets encrypted, and what they cost
/// must fit into quotas.
Status settle(Draft& draft, const Context& call) {
  conceal_all(draft, call.settings().secrets, std::type_identity<ObjectKinds>{});
  return settle_quotas(draft, call);
}

}  // namespace

Status settle_quotas(Draft& draft, const Context& call) {
  return over_quota(call, draft.settle_quotas(QuotaTest::limits));
}

void submit(const ContextPtr& call, std::function<Result<Value>(Draft&)> change,
            std::function<void(Result<Value>)> done) {
  const auto value = std::make_shared<Value>(0);
  call->env.writer.submit(
      Change(call->method,
             [call, change = std::move(change), value](Draft& draft) -> Status {
               NUBO_TRY(*value, change(draft));
               return settle(draft, *call);
             }),
      [value, done = std::move(done)](const Status& status, const SnapshotPtr&) {
        if (!status) return done(Failure(status.error()));
        done(std::move(*value));
      });
}

std::vector<Call> all_calls() {
  std::vector<Call> all;
  for (const auto family : {acl_calls,
                            backup_job_calls,
                            cluster_calls,
                            datastore_calls,
                            document_calls,
                            group_calls,
                            hook_calls,
                            host_calls,
                            image_calls,
                            image_snapshot_calls,
                            marketplace_app_calls,
                            marketplace_calls,
                            network_calls,
                            network_template_calls,
                            quota_calls,
                            reservation_calls,
                            security_group_calls,
                            system_calls,
                            template_calls,
                            user_calls,
                            vdc_calls,
                            virtual_router_calls,
                            vm_calls,
                            vm_disk_calls,
                            vm_group_calls,
                            vm_guest_calls,
                            vm_life_calls,
                            vm_making_calls,
                            vm_nic_calls,
                            vm_record_calls,
                            vm_schedule_calls,
                            zone_calls}) {
    for (Call& call : family()) all.push_back(std::move(call));
  }
  return all;
}

Service make_service(Environment& environment) {
  const auto dispatcher = std::make_shared<Dispatcher>(environment, all_calls());
  return {.handle = [dispatcher](Request request,
                                 Done done) { dispatcher->handle(std::move(request), done); },
          .methods = dispatcher->methods(),
          .is_quick = [dispatcher](const Request& request) {
            return dispatcher->is_quick(request);
          }};
}

}  // namespace nubo::api
