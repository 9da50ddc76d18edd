// SPDX-License-Identifier: Apache-2.0
#include "api/context.h"

namespace nubo::api {

std::vector<int> Args::integers(std::size_t place) const {
  std::vector<int> numbers;
  for (const Value& each : *values_.at(place).as<Array>()) {
    if (const int* number = each.as<int>()) numbers.push_back(*number);
  }
  return numbers;
}

Result<Ptr<Vm>> known_vm(const Context& call, VmId id) {
  if (Ptr<Vm> vm = call.snapshot->find<Vm>(id)) return vm;
  return call.env.writer.archive().find(id);
}

Owned owned_by_caller(const Context& call, std::string name) {
  Owned owned;
  owned.uid = call.caller.uid;
  owned.gid = call.caller.gid;
  owned.uname = call.caller.uname;
  owned.gname = call.caller.gname;
  owned.name = std::move(name);
  owned.permissions = initial_permissions(call.caller, call.settings().auth);
  return owned;
}

Status over_quota(const Context& call, const Status& refused) {
  if (refused) return refused;
  return fail(Code::authorization, "User [{}] : {}.", call.caller.uid, refused.error().message);
}

Failure allocate_failure(ObjectType type, const Error& cause) {
  return fail(Code::allocate, "Error allocating a new {}. {}", names_of(type).message,
              cause.message);
}

}  // namespace nubo::api
