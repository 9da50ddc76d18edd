// SPDX-License-Identifier: Apache-2.0
// The API of oned from C++: one blocking call at a time over one kept-open HTTP connection. Used by
// the command line; links no Boost, so that a program starts in milliseconds.
// A Client belongs to one thread. Wire facts: sheet api.md §1 and §3.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace nubo::client {

/// A parameter or a result. A result is a bool, an int, an int64 or a string.
using Value = std::variant<bool, int, std::int64_t, std::string, std::vector<int>>;
using Params = std::vector<Value>;

struct Options {
  std::string endpoint = "http://localhost:2633/RPC2";
  std::string session;                                           // "user:password" or "user:token"
  std::chrono::milliseconds timeout = std::chrono::minutes(10);  // of one call, connect included
};

class Client {
 public:
  explicit Client(Options options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  /// Calls `method` with the session and then `params`. What the API refuses comes back with its
  /// own code, text and object id; a fault as Code::api, trouble on the way as Code::internal. A
  /// call whose answer did not arrive is never repeated: it may have happened.
  Result<Value> call(std::string_view method, const Params& params = {});

  /// The same, where the answer is a document (or another string), or an object's id.
  Result<std::string> text(std::string_view method, const Params& params = {});
  Result<int> id(std::string_view method, const Params& params = {});

 private:
  struct Connection;
  Options options_;
  std::unique_ptr<Connection> connection_;
};

/// The session as the command line finds it: file named by ONE_AUTH, else ~/.one/one_auth, else
/// /var/lib/one/.one/one_auth. Code::authentication when there is none.
Result<std::string> session_from_environment();

/// ONE_XMLRPC, else the text of ~/.one/one_endpoint, else http://localhost:2633/RPC2.
std::string endpoint_from_environment();

}  // namespace nubo::client
