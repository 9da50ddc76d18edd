// SPDX-License-Identifier: Apache-2.0
// What is done with each kind of object in turn. For store/*.cc only.
#pragma once

#include <tuple>
#include <type_traits>

#include "base/result.h"
#include "model/snapshot.h"

namespace nubo {

/// Calls `f(std::type_identity<T>())` for each kind T, in the order of ObjectKinds, up to the first
/// failure, which it returns.
template <class F>
Status for_each_kind(F&& f) {
  return []<class... T>(std::type_identity<std::tuple<T...>>, F& each) -> Status {
    Status status;
    ((status = status ? each(std::type_identity<T>{}) : status), ...);
    return status;
  }(std::type_identity<ObjectKinds>{}, f);
}

}  // namespace nubo
