// SPDX-License-Identifier: Apache-2.0
// What a handler works with: who calls, with which arguments, on which state. Immutable; lives
// until the reply is given. Any thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/call.h"
#include "api/settings.h"
#include "auth/authenticator.h"
#include "auth/authorization.h"
#include "flow/settings.h"
#include "store/monitoring_log.h"
#include "store/writer.h"

namespace nubo::api {

/// What calls ask of the world outside the state; flow/ and daemon/ answer.
struct Outside {
  virtual ~Outside() = default;
  /// Size in MB of what an image is to be made from: the DS driver's STAT. Calls `done` once, on
  /// any thread. `attributes` are the image's as given.
  virtual void stat_image(const Datastore& datastore, const Template& attributes,
                          std::function<void(Result<long long>)> done) = 0;
};

/// The daemon's parts that calls use; all outlive every call.
struct Environment {
  Writer& writer;
  Authenticator& authenticator;
  MonitoringLog& monitoring;
  Outside& outside;
  const Clock& clock;
  const Settings& settings;
  const VmSettings& vm_settings;
};

/// The arguments behind the session, checked and filled with defaults as the call's row says.
class Args {
 public:
  explicit Args(std::vector<Value> values) : values_(std::move(values)) {}

  int integer(std::size_t place) const { return *values_.at(place).as<int>(); }

  bool flag(std::size_t place) const { return *values_.at(place).as<bool>(); }

  const std::string& text(std::size_t place) const { return *values_.at(place).as<std::string>(); }

  std::vector<int> integers(std::size_t place) const;

 private:
  std::vector<Value> values_;
};

struct Context {
  Environment& env;
  std::string method;
  int request_id = 0;
  Identity caller;
  Args args;
  SnapshotPtr snapshot;  // as it was when the call began; changes look at their draft

  const Settings& settings() const { return env.settings; }
};

using ContextPtr = std::shared_ptr<const Context>;

/// The object of that id when the caller has the right to it: Code::no_exists,
/// Code::authorization.
template <class T>
Result<Ptr<T>> permitted(const Snapshot& state, const Context& call, int id, Right right,
                         Locks locks = Locks::count) {
  if (id < 0 && !call.caller.is_admin()) {
    NUBO_CHECK(authorize(state, call.caller, {{right, new_object(T::type), locks}}));
  }
  NUBO_TRY(Ptr<T> object, state.get<T>(IdOf<T>{id}));
  NUBO_CHECK(authorize(state, call.caller, {{right, guard_of(*object), locks}}));
  return object;
}

/// The VM as a call that reads knows it: from its snapshot or, when it is DONE, from the archive.
/// nullptr when there is none.
Result<Ptr<Vm>> known_vm(const Context& call, VmId id);

/// The same on what a change has made so far.
template <class T>
Result<Ptr<T>> permitted(const Draft& draft, const Context& call, int id, Right right,
                         Locks locks = Locks::count) {
  (void)draft.find<T>(IdOf<T>{id});  // a VM that is DONE comes into view
  return permitted<T>(draft.view(), call, id, right, locks);
}

/// The same on what a call that reads began with: the snapshot and the archive.
template <class T>
Result<Ptr<T>> permitted(const Context& call, int id, Right right, Locks locks = Locks::count) {
  if constexpr (std::is_same_v<T, Vm>) {
    NUBO_TRY(Ptr<Vm> vm, known_vm(call, VmId{id}));
    if (vm) {
      NUBO_CHECK(nubo::authorize(*call.snapshot, call.caller, {{right, guard_of(*vm), locks}}));
      return vm;
    }
  }
  return permitted<T>(*call.snapshot, call, id, right, locks);
}

inline Status authorize(const Snapshot& state, const Context& call,
                        std::initializer_list<AuthRequest> requests) {
  return nubo::authorize(state, call.caller, requests);
}

/// Owner, group, their names and the initial bits of an object that the caller makes.
Owned owned_by_caller(const Context& call, std::string name);

/// What quotas refuse, as the caller reads it: "User [5] : user [5] limit of 2 reached ...".
Status over_quota(const Context& call, const Status& refused);

/// "Error allocating a new host. <cause>"
Failure allocate_failure(ObjectType type, const Error& cause);

}  // namespace nubo::api
