// SPDX-License-Identifier: Apache-2.0
#include "cli/connection.h"

#include <cstdlib>
#include <memory>

#include "base/numbers.h"

namespace nubo::cli {

Result<Caller> connect(const Account& account) {
  client::Options options;
  if (account.user.empty()) {
    NUBO_TRY(options.session, client::session_from_environment());
  } else {
    options.session = account.user + ":" + account.password;
  }
  options.endpoint =
      account.endpoint.empty() ? client::endpoint_from_environment() : account.endpoint;
  if (const char* timeout = std::getenv("ONE_XMLRPC_TIMEOUT")) {
    if (const std::optional<int> seconds = parse_number<int>(timeout)) {
      options.timeout = std::chrono::seconds(*seconds);
    }
  }
  auto connection = std::make_shared<client::Client>(std::move(options));
  return Caller([connection](const std::string& method, const client::Params& parameters) {
    return connection->call(method, parameters);
  });
}

}  // namespace nubo::cli
