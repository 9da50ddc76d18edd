// SPDX-License-Identifier: Apache-2.0
// Result<T> and Status: how every function of ours says that it failed for a reason that can happen
// (bad input, a missing object, a full disk). A broken invariant is NUBO_ASSERT (assert.h) instead.
// The codes are the API's (sheet api.md §3), so an Error can leave through the wire as it is.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace nubo {

enum class Code : int {
  authentication = 0x0100,
  authorization = 0x0200,
  no_exists = 0x0400,
  action = 0x0800,
  api = 0x1000,
  internal = 0x2000,
  allocate = 0x4000,
  locked = 0x8000,
  replication = 0x10000,
};

struct [[nodiscard]] Error {
  Code code = Code::internal;
  std::string message;  // what the operator reads: object, wanted, what stood in the way
  int object = -1;      // id that the API names in element 4 of a failure

  bool operator==(const Error&) const = default;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;
using Failure = tl::unexpected<Error>;

/// A failure with a formatted message: `return fail(Code::action, "cannot deploy VM {}", id);`
template <class... Args>
Failure fail(Code code, fmt::format_string<Args...> text, Args&&... args) {
  return Failure(Error{code, fmt::format(text, std::forward<Args>(args)...), -1});
}

/// The failure of an object that is not there; the message is composed at the API's edge from
/// the type and the id (sheet api.md §3).
Failure no_such(std::string_view type_name, int id);

/// The same error with "what: " in front of its message; code and object id stay.
Failure context(Error error, std::string_view what);

inline Status ok() { return {}; }

}  // namespace nubo

#define NUBO_CONCAT_INNER(a, b) a##b
#define NUBO_CONCAT(a, b) NUBO_CONCAT_INNER(a, b)

// Evaluates to nothing when `expression` (a Result or Status) is good; else returns its error.
#define NUBO_CHECK(expression)                                                \
  do {                                                                        \
    auto&& nubo_status = (expression);                                        \
    if (!nubo_status) return ::nubo::Failure(std::move(nubo_status).error()); \
  } while (false)

#define NUBO_TRY_INNER(temporary, declaration, expression)              \
  auto temporary = (expression);                                        \
  if (!temporary) return ::nubo::Failure(std::move(temporary).error()); \
  declaration = std::move(*temporary)

// NUBO_TRY(const VmPtr vm, s.vm(id)); declares `vm`, or returns the error upwards.
#define NUBO_TRY(declaration, expression) \
  NUBO_TRY_INNER(NUBO_CONCAT(nubo_result_, __LINE__), declaration, expression)
