// SPDX-License-Identifier: Apache-2.0
// one.user.*, one.userpool.* (sheets api.md §7, objects.md §6.1-6.3).
#include <algorithm>
#include <array>

#include "api/generic.h"
#include "api/members.h"
#include "api/quota_documents.h"
#include "auth/digest.h"
#include "auth/vm_operations.h"

namespace nubo::api {
namespace {

constexpr std::string_view core_driver = "core";

struct PasswordLimit {
  std::string_view driver;
  std::size_t bytes;
};

constexpr std::array<PasswordLimit, 8> password_limits{{{"core", 256},
                                                        {"ldap", 256},
                                                        {"sunstone", 256},
                                                        {"ssh", 16384},
                                                        {"x509", 65536},
                                                        {"saml", 12288},
                                                        {"server_cipher", 4096},
                                                        {"server_x509", 65536}}};

Status check_password(const Context& call, std::string_view driver, std::string_view password) {
  if (password.empty()) {
    const Vector* conf = call.settings().entry("AUTH_MAD_CONF", driver);
    if (conf && !conf->yes("PASSWORD_REQUIRED", true)) return ok();
    return fail(Code::internal, "Invalid password, it cannot be empty");
  }
  const std::size_t at = password.find_first_of(" \t\n\v\f\r");
  if (at != std::string_view::npos) {
    return fail(Code::internal, "Invalid password, character '{}' is not allowed", password[at]);
  }
  const auto* limit = std::ranges::find(password_limits, driver, &PasswordLimit::driver);
  if (limit != password_limits.end() && password.size() > limit->bytes) {
    return fail(Code::internal,
                "Password is longer than max allowed length. Max allowed length for the driver {} "
                ": {} bytes",
                driver, limit->bytes);
  }
  return ok();
}

std::string stored_password(std::string_view driver, const std::string& password) {
  return driver == core_driver ? sha256_hex(password) : password;
}

/// The groups of a new user, the primary one first.
std::vector<GroupId> wanted_groups(const Context& call) {
  std::vector<GroupId> groups;
  for (const int id : call.args.integers(3)) {
    if (std::ranges::find(groups, GroupId{id}) == groups.end()) groups.push_back(GroupId{id});
  }
  if (groups.empty()) {
    groups.push_back(call.caller.gid == oneadmin_group ? users_group : call.caller.gid);
  }
  return groups;
}

Status with_dot(const Status& status) {
  if (status) return status;
  return fail(status.error().code, "{}.", status.error().message);
}

Result<Value> allocate(Draft& draft, const Context& call) {
  const std::string& name = call.args.text(0);
  const std::string driver =
      call.args.text(2).empty() ? std::string(core_driver) : call.args.text(2);
  const std::vector<GroupId> groups = wanted_groups(call);
  std::vector<AuthRequest> requests{{Right::create, new_object(ObjectType::user)}};
  for (const GroupId id : groups) {
    NUBO_TRY(const Group* group, draft.get<Group>(id));
    if (id != call.caller.gid && !call.args.integers(3).empty()) {
      requests.push_back({Right::manage, guard_of(*group)});
    }
  }
  NUBO_CHECK(nubo::authorize(draft.view(), call.caller, std::span<const AuthRequest>(requests)));
  NUBO_CHECK(with_dot(check_name(name, " ")));
  NUBO_CHECK(with_dot(check_password(call, driver, call.args.text(1))));

  User user;
  user.name = name;
  user.gid = groups.front();
  user.gname = draft.find<Group>(user.gid)->name;
  user.auth_driver = driver;
  user.password = stored_password(driver, call.args.text(1));
  user.attributes.set("TOKEN_PASSWORD", random_secret());
  NUBO_TRY(const UserId id, draft.insert(std::move(user)));
  for (const GroupId group : groups) NUBO_CHECK(join_group(draft, id, group));
  return Value(id.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto user,
           permitted<User>(draft.view(), call, call.args.integer(0), Right::admin));
  if (user->id == oneadmin_user) return cannot_delete<User>("oneadmin cannot be deleted.");
  for (const GroupId group : user->groups) leave_group(draft, user->id, group);
  erase_object<User>(draft, user->id);
  return Value(user->id.value);
}

/// user.info: -1 is the caller.
Result<Value> user_info(const Context& call) {
  const int asked = call.args.integer(0);
  NUBO_TRY(const auto user,
           permitted<User>(*call.snapshot, call, asked == -1 ? call.caller.uid.value : asked,
                           Right::use));
  return Value(info_document(call, *entry_for<User>(call, user->id, decrypt_place)));
}

Status check_update(Draft&, const Context&, User& user, const Template&) {
  return check_vm_operations(user.attributes);
}

Result<Value> passwd(Draft& draft, const Context& call) {
  NUBO_TRY(const auto user,
           permitted<User>(draft.view(), call, call.args.integer(0), Right::manage));
  const Vector* conf = call.settings().entry("AUTH_MAD_CONF", user->auth_driver);
  if (!call.caller.is_admin() && conf && !conf->yes("PASSWORD_CHANGE")) {
    return fail(Code::authorization, "User [{}] : Password for driver {} cannot be changed.",
                call.caller.uid, user->auth_driver);
  }
  if (const Status valid = check_password(call, user->auth_driver, call.args.text(1)); !valid) {
    return fail(Code::action, "{}", valid.error().message);
  }
  NUBO_TRY(User * changed, draft.edit<User>(user->id));
  changed->password = stored_password(user->auth_driver, call.args.text(1));
  changed->login_tokens.clear();
  return Value(user->id.value);
}

Result<Value> chauth(Draft& draft, const Context& call) {
  NUBO_TRY(const auto user,
           permitted<User>(draft.view(), call, call.args.integer(0), Right::admin));
  const std::string& driver = call.args.text(1);
  const std::string& password = call.args.text(2);
  NUBO_TRY(User * changed, draft.edit<User>(user->id));
  changed->auth_driver = driver;
  if (!password.empty()) {
    NUBO_CHECK(check_password(call, driver, password));
    changed->password = stored_password(driver, password);
    changed->login_tokens.clear();
  }
  return Value(user->id.value);
}

Result<Value> enable(Draft& draft, const Context& call) {
  NUBO_TRY(const auto user,
           permitted<User>(draft.view(), call, call.args.integer(0), Right::admin));
  if (user->id == oneadmin_user) return fail(Code::action, "Cannot enable/disable oneadmin user");
  NUBO_TRY(User * changed, draft.edit<User>(user->id));
  changed->enabled = call.args.flag(1);
  if (!changed->enabled) changed->login_tokens.clear();
  return Value(user->id.value);
}

/// The user and the group of a membership call, when the caller has the rights on both.
struct Membership {
  Ptr<User> user;
  Ptr<Group> group;
};

Result<Membership> membership(const Draft& draft, const Context& call, Right on_group) {
  Membership asked;
  NUBO_TRY(asked.user, draft.view().get<User>(UserId{call.args.integer(0)}));
  NUBO_TRY(asked.group, draft.view().get<Group>(GroupId{call.args.integer(1)}));
  NUBO_CHECK(
      authorize(draft.view(), call,
                {{Right::manage, guard_of(*asked.user)}, {on_group, guard_of(*asked.group)}}));
  return asked;
}

/// Whether the user's groups are those that his driver tells at each login.
bool has_managed_groups(const Context& call, const User& user) {
  const Vector* conf = call.settings().entry("AUTH_MAD_CONF", user.auth_driver);
  return conf && conf->yes("DRIVER_MANAGED_GROUPS");
}

Failure managed_groups(Code code, const User& user) {
  return fail(code, "Groups cannot be manually managed for auth driver {}", user.auth_driver);
}

Result<Value> chgrp(Draft& draft, const Context& call) {
  if (call.args.integer(1) < 0) return fail(Code::api, "Wrong group ID");
  if (call.args.integer(0) == oneadmin_user.value) {
    return fail(Code::internal, "oneadmin's group cannot be changed.");
  }
  NUBO_TRY(const Membership asked, membership(draft, call, Right::use));
  const auto& [user, group] = asked;
  if (user->gid == group->id) return Value(user->id.value);
  const bool was_member = user->groups.contains(group->id);
  if (!was_member && has_managed_groups(call, *user)) return managed_groups(Code::api, *user);
  NUBO_CHECK(join_group(draft, user->id, group->id));
  if (!was_member) leave_group(draft, user->id, user->gid);
  NUBO_TRY(User * changed, draft.edit<User>(user->id));
  changed->gid = group->id;
  changed->gname = group->name;
  return Value(user->id.value);
}

Result<Value> addgroup(Draft& draft, const Context& call) {
  NUBO_TRY(const Membership asked, membership(draft, call, Right::manage));
  if (has_managed_groups(call, *asked.user)) return managed_groups(Code::action, *asked.user);
  if (asked.user->groups.contains(asked.group->id)) {
    return fail(Code::action, "User is already in this group");
  }
  NUBO_CHECK(join_group(draft, asked.user->id, asked.group->id));
  return Value(asked.user->id.value);
}

Result<Value> delgroup(Draft& draft, const Context& call) {
  NUBO_TRY(const Membership asked, membership(draft, call, Right::manage));
  if (has_managed_groups(call, *asked.user)) return managed_groups(Code::action, *asked.user);
  if (asked.user->gid == asked.group->id) {
    return fail(Code::action, "Cannot remove user from the primary group");
  }
  if (!asked.user->groups.contains(asked.group->id)) {
    return fail(Code::action, "User is not part of this group");
  }
  leave_group(draft, asked.user->id, asked.group->id);
  return Value(asked.user->id.value);
}

// --- login tokens -------------------------------------------------------------------------------

constexpr std::size_t most_tokens = 10;

Result<Value> drop_tokens(User& user, const std::string& token) {
  const std::size_t dropped = std::erase_if(user.login_tokens, [&token](const LoginToken& each) {
    return token.empty() || each.token == token;
  });
  if (dropped == 0 && !token.empty()) {
    return fail(Code::api, "Could not find token: {}", token);
  }
  return Value(token);
}

Status check_token_group(const Context& call, const User& user, GroupId egid) {
  if (!egid.is_set()) {
    if (user.groups == call.caller.groups) return ok();
    return fail(Code::api, "Cannot create a full token with a specific group token");
  }
  if (call.caller.is_admin() || (user.groups.contains(egid) && call.caller.is_in(egid))) {
    return ok();
  }
  return fail(Code::api, "EGID is not in user group list");
}

/// When a token ends; Code::action when its driver has tokens disabled.
Result<long long> expiration(const Context& call, const User& user, EpochSeconds now) {
  const Vector* conf = call.settings().entry("AUTH_MAD_CONF", user.auth_driver);
  const long long longest = conf ? conf->number<long long>("MAX_TOKEN_TIME").value_or(-1) : -1;
  if (longest == 0)
    return fail(Code::action, "Login tokens are disabled for driver {}", user.auth_driver);
  long long valid = call.args.integer(2);
  if (longest > 0) valid = valid == -1 ? longest : std::min(valid, longest);
  return valid == -1 ? -1 : now.count() + valid;
}

Result<Value> login(Draft& draft, const Context& call) {
  const std::string& given = call.args.text(1);
  const int period = call.args.integer(2);
  const GroupId egid{call.args.integer(3)};
  const auto id = draft.view().names().find(ObjectType::user, -1, call.args.text(0));
  if (!id) return no_such(names_of(ObjectType::user).message, -1);
  NUBO_TRY(const auto user, permitted<User>(draft.view(), call, *id, Right::manage));
  if (period < -1) return fail(Code::api, "Wrong valid period for token");
  NUBO_TRY(User * changed, draft.edit<User>(user->id));
  if (period == 0) return drop_tokens(*changed, given);

  NUBO_CHECK(check_token_group(call, *user, egid));
  NUBO_TRY(const long long until, expiration(call, *user, draft.now()));
  std::erase_if(changed->login_tokens, [&](const LoginToken& each) {
    return (each.expiration_time >= 0 && each.expiration_time <= draft.now().count()) ||
           each.token == given;
  });
  if (changed->login_tokens.size() >= most_tokens) {
    return fail(Code::api, "Max number of tokens limit reached.");
  }
  const std::string token = given.empty() ? random_secret() : given;
  changed->login_tokens.push_back({token, until, egid});
  std::ranges::sort(changed->login_tokens, {}, &LoginToken::token);
  return Value(token);
}

}  // namespace

std::vector<Call> user_calls() {
  const Parameter a_group{"gid", Type::integer};
  const Parameter a_password{"password", Type::text};
  return {
      {"one.user.allocate",
       {a_name, a_password, {"driver", Type::text}, {"groups", Type::integers, Value(Array{})}},
       allocate},
      {"one.user.delete", {an_id}, remove},
      {"one.user.info", {an_id, a_decrypt_flag}, user_info},
      {"one.user.update", {an_id, a_template, an_update_type}, update<User, check_update>},
      {"one.user.passwd", {an_id, a_password}, passwd},
      {"one.user.login",
       {a_name,
        {"token", Type::text},
        {"period", Type::integer},
        {"egid", Type::integer, Value(-1)}},
       login},
      {"one.user.chgrp", {an_id, a_group}, chgrp},
      {"one.user.addgroup", {an_id, a_group}, addgroup},
      {"one.user.delgroup", {an_id, a_group}, delgroup},
      {"one.user.chauth", {an_id, {"driver", Type::text}, a_password}, chauth},
      {"one.user.enable", {an_id, {"enable", Type::flag}}, enable},
      {"one.userpool.info", {}, whole_pool<User>},
  };
}

}  // namespace nubo::api
