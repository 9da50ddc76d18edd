// SPDX-License-Identifier: Apache-2.0
#include "auth/authenticator.h"

#include <algorithm>

#include "auth/digest.h"

namespace nubo {
namespace {

constexpr std::string_view server_driver_prefix = "server";
constexpr std::string_view core_driver = "core";
constexpr std::string_view cipher_driver = "server_cipher";

Ptr<User> user_named(const Snapshot& snapshot, std::string_view name) {
  const auto id = snapshot.names().find(ObjectType::user, -1, name);
  return id ? snapshot.find<User>(UserId{*id}) : nullptr;
}

/// The text up to the first ':', which is taken off `rest`; nothing when there is none.
std::optional<std::string_view> take_part(std::string_view& rest) {
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view part = rest.substr(0, colon);
  rest.remove_prefix(colon + 1);
  return part;
}

const LoginToken* token_of(const User& user, std::string_view token) {
  const auto found = std::ranges::find_if(user.login_tokens, [token](const LoginToken& each) {
    return Secret(each.token).matches(token);
  });
  return found == user.login_tokens.end() ? nullptr : &*found;
}

bool is_password(const User& user, std::string_view token) {
  if (user.auth_driver != core_driver || token.empty()) return false;
  const Secret stored(user.password);
  return stored.matches(sha256_hex(token)) || stored.matches(sha1_hex(token));
}

}  // namespace

Result<Identity> Authenticator::authenticate(const Snapshot& snapshot, std::string_view session) {
  std::optional<Identity> identity;
  if (const auto name = take_part(session)) {
    if (const auto user = user_named(snapshot, *name); user && user->enabled) {
      identity = user->auth_driver.starts_with(server_driver_prefix)
                     ? server_user(snapshot, *user, session)
                     : known_user(snapshot, *user, session);
    }
  }
  if (!identity) {
    return fail(Code::authentication, "User couldn't be authenticated, aborting call.");
  }
  return *std::move(identity);
}

std::optional<Identity> Authenticator::known_user(const Snapshot& snapshot, const User& user,
                                                  std::string_view token) {
  if (const LoginToken* login = token_of(user, token)) {
    const bool is_live =
        login->expiration_time < 0 || clock_.now().count() < login->expiration_time;
    if (!is_live || (login->egid.is_set() && !user.groups.contains(login->egid))) return {};
    return identity_of(snapshot, user, settings_, login->egid);
  }
  if (!is_remembered(user, token)) {
    if (!is_password(user, token)) return {};
    remember(user, token);
  }
  return identity_of(snapshot, user, settings_);
}

std::optional<Identity> Authenticator::server_user(const Snapshot& snapshot, const User& server,
                                                   std::string_view rest) const {
  const auto target_name = take_part(rest);
  if (!target_name || server.auth_driver != cipher_driver) return {};
  GroupId egid;
  if (const auto group = take_part(rest)) egid.value = parse_number<int>(*group).value_or(-1);

  const auto clear = decrypt_token(rest, server.password);
  if (!clear) return {};
  std::string_view fields = *clear;
  const auto server_name = take_part(fields);
  const auto acted_name = take_part(fields);
  const auto expiry = parse_number<long long>(fields);
  if (!server_name || *server_name != server.name || !acted_name || *acted_name != *target_name ||
      !expiry || clock_.now().count() >= *expiry) {
    return {};
  }
  const auto target = user_named(snapshot, *target_name);
  if (!target) return {};
  return identity_of(snapshot, *target, settings_, egid);
}

bool Authenticator::is_remembered(const User& user, std::string_view token) {
  const EpochSeconds now = clock_.now();
  return memory_.with([&](Memory& memory) {
    const auto found = memory.find(user.id);
    if (found == memory.end()) return false;
    const Remembered& known = found->second;
    return now < known.until && known.password == user.password &&
           known.driver == user.auth_driver && known.token.matches(token);
  });
}

void Authenticator::remember(const User& user, std::string_view token) {
  if (settings_.session_expiration.count() == 0) return;
  const bool forever = settings_.session_expiration.count() < 0;
  const EpochSeconds until =
      forever ? EpochSeconds::max() : clock_.now() + settings_.session_expiration;
  memory_.with([&](Memory& memory) {
    memory.insert_or_assign(
        user.id, Remembered{Secret(std::string(token)), user.password, user.auth_driver, until});
  });
}

}  // namespace nubo
