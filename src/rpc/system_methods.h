// SPDX-License-Identifier: Apache-2.0
// The system.* calls that XML-RPC libraries offer about a server itself: introspection,
// capabilities, multicall. They need no session. Runs on worker threads.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "api/call.h"
#include "rpc/codec.h"

namespace nubo::rpc {

using Answered = std::function<void(Answer)>;

/// The answer that a reply of the API leaves as.
Answer answer_of(api::Reply reply);

class SystemMethods {
 public:
  /// Carries out a call that is part of a multicall, and puts a job off to a worker.
  using Dispatch = std::function<void(api::Request, Answered)>;
  using Defer = std::function<void(std::function<void()>)>;

  SystemMethods(std::vector<api::MethodInfo> methods, Dispatch dispatch, Defer defer);

  static bool is_system(const std::string& method) { return method.starts_with("system."); }

  /// Faults: -506 for a name that is none of them, -501 for wrong parameters.
  void handle(const api::Request& request, const Answered& answered) const;

 private:
  Answer answer(const api::Request& request) const;
  Answer describe(const api::Request& request) const;
  void multicall(const api::Request& request, const Answered& answered) const;

  const std::map<std::string, api::MethodInfo> methods_;
  const Dispatch dispatch_;
  const Defer defer_;
};

}  // namespace nubo::rpc
