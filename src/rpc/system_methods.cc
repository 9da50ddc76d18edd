// SPDX-License-Identifier: Apache-2.0
#include "rpc/system_methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "rpc/codec.h"

namespace nubo::rpc {
namespace {

using api::Array;
using api::Fault;
using api::FaultCode;
using api::MethodInfo;
using api::Struct;
using api::Value;

constexpr std::size_t longest_multicall = 256;
constexpr const char* multicall_name = "system.multicall";

std::vector<MethodInfo> own_methods() {
  return {
      {"system.capabilities", {"struct"}, "What this server can do"},
      {"system.getCapabilities", {"struct"}, "The standards that this server follows"},
      {"system.listMethods", {"array"}, "The names of all methods"},
      {"system.methodExist", {"boolean", "string"}, "Whether there is a method of that name"},
      {"system.methodHelp", {"string", "string"}, "What the method of that name does"},
      {"system.methodSignature", {"array", "string"}, "Types of result and parameters"},
      {multicall_name, {"array", "array"}, "Carries out several calls one after the other"},
      {"system.shutdown", {"int", "string"}, "Not allowed here"},
  };
}

std::map<std::string, MethodInfo> by_name(std::vector<MethodInfo> methods) {
  std::map<std::string, MethodInfo> named;
  std::ranges::move(own_methods(), std::back_inserter(methods));
  for (MethodInfo& method : methods) {
    const std::string name = method.name;
    named.emplace(name, std::move(method));
  }
  return named;
}

Fault no_such(std::string_view method, std::string_view what) {
  return {FaultCode::no_such_method, fmt::format("Method '{}' {}", method, what)};
}

Fault wrong_type(std::string_view wanted) {
  return {FaultCode::type, fmt::format("Parameter that is supposed to be {} is not", wanted)};
}

const std::string* first_string(const api::Request& request) {
  return request.params.empty() ? nullptr : request.params.front().as<std::string>();
}

const Value* member(const Struct& members, std::string_view name) {
  const auto found = std::ranges::find(members, name, &api::Member::name);
  return found == members.end() ? nullptr : &found->value;
}

Value capabilities() {
  return Struct{{"facility", "xmlrpc-c"},
                {"version_major", 1},
                {"version_minor", 33},
                {"version_point", 14},
                {"protocol_version", 2}};
}

Value standards() {
  const auto standard = [](const char* url, int version) {
    return Value(Struct{{"specUrl", url}, {"specVersion", version}});
  };
  return Struct{{"xmlrpc", standard("http://www.xmlrpc.com/spec", 1)},
                {"introspect", standard("http://xmlrpc-c.sourceforge.net/introspection.html", 1)},
                {multicall_name, standard("http://www.xmlrpc.com/discuss/msgReader$1208", 1)}};
}

Value in_multicall(Answer answer) {
  if (auto* fault = std::get_if<Fault>(&answer)) {
    return Struct{{"faultCode", static_cast<int>(fault->code)},
                  {"faultString", std::move(fault->text)}};
  }
  Array one;
  one.push_back(std::move(std::get<Value>(answer)));
  return one;
}

/// The calls of a multicall; the order is kept, and one follows when the one before is answered.
struct Series : std::enable_shared_from_this<Series> {
  SystemMethods::Dispatch dispatch;
  SystemMethods::Defer defer;
  std::vector<api::Request> calls;
  Answered answered;
  Array results;

  void next() {
    if (results.size() == calls.size()) return answered(Value(std::move(results)));
    dispatch(std::move(calls[results.size()]), [self = shared_from_this()](Answer answer) {
      self->results.push_back(in_multicall(std::move(answer)));
      self->defer([self] { self->next(); });  // not nested: the series may be long
    });
  }
};

tl::expected<api::Request, Fault> call_in(const Value& call, const api::Peer& peer) {
  const Struct* members = call.as<Struct>();
  const Value* name = members == nullptr ? nullptr : member(*members, "methodName");
  const Value* params = members == nullptr ? nullptr : member(*members, "params");
  if (name == nullptr || name->as<std::string>() == nullptr || params == nullptr ||
      params->as<Array>() == nullptr) {
    return tl::make_unexpected(wrong_type("a struct with methodName and params"));
  }
  if (*name->as<std::string>() == multicall_name) {
    return tl::make_unexpected(Fault{FaultCode::internal, "A multicall in a multicall"});
  }
  return api::Request{*name->as<std::string>(), *params->as<Array>(), peer};
}

}  // namespace

Answer answer_of(api::Reply reply) {
  if (auto* value = std::get_if<Value>(&reply)) return reply_array(std::move(*value));
  if (const auto* error = std::get_if<Error>(&reply)) return reply_array(*error);
  return std::get<Fault>(std::move(reply));
}

SystemMethods::SystemMethods(std::vector<MethodInfo> methods, Dispatch dispatch, Defer defer)
    : methods_(by_name(std::move(methods))),
      dispatch_(std::move(dispatch)),
      defer_(std::move(defer)) {}

void SystemMethods::handle(const api::Request& request, const Answered& answered) const {
  if (request.method == multicall_name) return multicall(request, answered);
  answered(answer(request));
}

Answer SystemMethods::answer(const api::Request& request) const {
  const std::string& method = request.method;
  if (method == "system.capabilities") return capabilities();
  if (method == "system.getCapabilities") return standards();
  if (method == "system.shutdown") return Fault{FaultCode::internal, "Shutdown is not allowed"};
  if (method == "system.listMethods") {
    Array names;
    for (const auto& [name, info] : methods_) names.emplace_back(name);
    return Value(std::move(names));
  }
  if (methods_.contains(method)) return describe(request);
  return no_such(method, "not defined");
}

Answer SystemMethods::describe(const api::Request& request) const {
  const std::string* name = first_string(request);
  if (name == nullptr) {
    return request.params.empty() ? Fault{FaultCode::type, "Not enough parameters"}
                                  : wrong_type("a string");
  }
  const auto found = methods_.find(*name);
  if (request.method == "system.methodExist") return Value(found != methods_.end());
  if (found == methods_.end()) return no_such(*name, "does not exist");
  if (request.method == "system.methodHelp") return Value(found->second.help);
  Array types;
  for (const std::string& type : found->second.signature) types.emplace_back(type);
  Array signatures;
  signatures.emplace_back(std::move(types));
  return Value(std::move(signatures));
}

void SystemMethods::multicall(const api::Request& request, const Answered& answered) const {
  const Array* calls = request.params.empty() ? nullptr : request.params.front().as<Array>();
  if (calls == nullptr) return answered(wrong_type("an array"));
  if (calls->size() > longest_multicall) {
    return answered(Fault{FaultCode::limit_exceeded,
                          fmt::format("More than {} calls in one", longest_multicall)});
  }
  const auto series = std::make_shared<Series>();
  series->dispatch = dispatch_;
  series->defer = defer_;
  series->answered = answered;
  for (const Value& value : *calls) {
    auto call = call_in(value, request.peer);
    if (!call) return answered(call.error());
    series->calls.push_back(*std::move(call));
  }
  series->next();
}

}  // namespace nubo::rpc
