// SPDX-License-Identifier: Apache-2.0
#include "api/service.h"

#include <atomic>
#include <unordered_map>

#include "api/vm_life.h"

namespace nubo::api {
namespace {

constexpr int request_ids = 10'000;

struct TypeWords {
  const char* in_fault;
  const char* in_signature;
};

TypeWords words_of(Type type) {
  switch (type) {
    case Type::integer:
      return {"integer", "int"};
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

/// The arguments behind the session as the row wants them.
std::variant<Args, Fault> take_arguments(const Call& call, std::vector<Value>& given) {
  std::vector<Value> taken;
  for (std::size_t place = 0; place < call.parameters.size(); ++place) {
    const Parameter& parameter = call.parameters[place];
    if (place + 1 >= given.size()) {
      if (!parameter.otherwise) return Fault{FaultCode::type, "Not enough parameters"};
      taken.push_back(*parameter.otherwise);
    } else if (!is_of(parameter.type, given[place + 1])) {
      return wrong_type(parameter.type);
    } else {
      taken.push_back(std::move(given[place + 1]));
    }
  }
  return Args(std::move(taken));
}

Reply reply_of(const std::string& method, Result<Value> outcome) {
  if (outcome) return *std::move(outcome);
  Error error = std::move(outcome).error();
  error.message = fmt::format("[{}] {}", method, error.message);
  return error;
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
      return done(Fault{FaultCode::internal, "The session parameter is missing"});
    }
    const std::string* session = request.params[0].as<std::string>();
    if (!session) return done(wrong_type(Type::text));
    const SnapshotPtr snapshot = env_.writer.snapshot();
    auto caller = env_.authenticator.authenticate(*snapshot, *session);
    if (!caller) return done(reply_of(request.method, Failure(caller.error())));
    auto arguments = take_arguments(found->second, request.params);
    if (auto* fault = std::get_if<Fault>(&arguments)) return done(std::move(*fault));
    run(found->second,
        std::make_shared<const Context>(Context{env_, std::move(request.method),
                                                next_id_++ % request_ids, *std::move(caller),
                                                std::get<Args>(std::move(arguments)), snapshot}),
        done);
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

std::vector<Call> all_calls() {
  std::vector<Call> all;
  for (const auto family :
       {acl_calls, cluster_calls, datastore_calls, group_calls, host_calls, image_calls,
        network_calls, security_group_calls, system_calls, template_calls, user_calls, vm_calls,
        vm_life_calls, vm_making_calls, zone_calls}) {
    for (Call& call : family()) all.push_back(std::move(call));
  }
  return all;
}

}  // namespace

void submit(const ContextPtr& call, std::function<Result<Value>(Draft&)> change,
            std::function<void(Result<Value>)> done) {
  const auto value = std::make_shared<Value>(0);
  call->env.writer.submit(
      Change(call->method,
             [change = std::move(change), value](Draft& draft) -> Status {
               NUBO_TRY(*value, change(draft));
               return ok();
             }),
      [value, done = std::move(done)](const Status& status, const SnapshotPtr&) {
        if (!status) return done(Failure(status.error()));
        done(std::move(*value));
      });
}

Service make_service(Environment& environment) {
  const auto dispatcher = std::make_shared<Dispatcher>(environment, all_calls());
  return {.handle = [dispatcher](Request request,
                                 Done done) { dispatcher->handle(std::move(request), done); },
          .methods = dispatcher->methods()};
}

}  // namespace nubo::api
