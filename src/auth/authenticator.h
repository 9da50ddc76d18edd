// SPDX-License-Identifier: Apache-2.0
// Authenticator: from a session text to an identity (sheets api.md §2, objects.md §6.2). A positive
// password check is remembered for a while, so that the hash is not computed on each call. Any
// thread.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>

#include "auth/identity.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/secret.h"

namespace nubo {

class Authenticator {
 public:
  /// `clock` must outlive it.
  Authenticator(const Clock& clock, AuthSettings settings) : clock_(clock), settings_(settings) {}

  /// Code::authentication without saying why, as the API does.
  Result<Identity> authenticate(const Snapshot& snapshot, std::string_view session);

 private:
  // Holds as long as the user's password and driver are those it was checked against.
  struct Remembered {
    Secret token;
    std::string password;
    std::string driver;
    EpochSeconds until{};
  };

  using Memory = std::unordered_map<UserId, Remembered>;

  std::optional<Identity> known_user(const Snapshot& snapshot, const User& user,
                                     std::string_view token);
  std::optional<Identity> server_user(const Snapshot& snapshot, const User& server,
                                      std::string_view rest) const;
  bool is_remembered(const User& user, std::string_view token);
  void remember(const User& user, std::string_view token);

  const Clock& clock_;
  AuthSettings settings_;
  Guarded<Memory> memory_;
};

}  // namespace nubo
