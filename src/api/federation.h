// SPDX-License-Identifier: Apache-2.0
// Calls with which the front-ends of a federation keep each other's databases equal. A zone that
// stands alone has nobody to take them from.
#pragma once

#include "api/calls.h"

namespace nubo::api {

inline constexpr const char* federation_later = "federations of zones come later";

/// For uid 0 alone; then refused with Code::action.
template <ObjectType type>
Result<Value> federation_call(const Context& call) {
  if (call.caller.uid != oneadmin_user) {
    return fail(Code::authorization, "User [{}] not authorized to perform action on {}.",
                call.caller.uid, names_of(type).message);
  }
  return fail(Code::action, "This zone is not part of a federation");
}

}  // namespace nubo::api
