// SPDX-License-Identifier: Apache-2.0
// User (sheets xml.md §3.4, objects.md §6.1-6.3).
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "model/object_type.h"
#include "model/owned.h"
#include "model/quotas.h"

namespace nubo {

struct LoginToken {
  std::string token;
  long long expiration_time = -1;  // epoch seconds; -1 never
  GroupId egid;

  bool operator==(const LoginToken&) const = default;

  static constexpr auto fields() {
    return std::tuple{Field{"TOKEN", &LoginToken::token},
                      Field{"EXPIRATION_TIME", &LoginToken::expiration_time},
                      Field{"EGID", &LoginToken::egid}};
  }
};

struct User {
  static constexpr ObjectType type = ObjectType::user;
  static constexpr const char* root = "USER";
  static constexpr const char* pool_root = "USER_POOL";
  static constexpr const char* table = "user_pool";

  UserId id;
  GroupId gid;
  IdSet<GroupTag> groups;
  std::string gname;
  std::string name;
  std::string password;
  std::string auth_driver = "core";
  bool enabled = true;
  std::vector<LoginToken> login_tokens;
  Template attributes;
  Quotas quotas;

  bool operator==(const User&) const = default;

  static constexpr auto fields() {
    return std::tuple{Field{"ID", &User::id},
                      Field{"GID", &User::gid},
                      Field{"GROUPS", &User::groups},
                      Field{"GNAME", &User::gname},
                      Field{"NAME", &User::name},
                      Field{"PASSWORD", &User::password, cdata},
                      Field{"AUTH_DRIVER", &User::auth_driver, cdata},
                      Field{"ENABLED", &User::enabled},
                      Field{"LOGIN_TOKEN", &User::login_tokens},
                      Field{"TEMPLATE", &User::attributes},
                      Field{"QUOTAS", &User::quotas, stored_only}};
  }
};

}  // namespace nubo
