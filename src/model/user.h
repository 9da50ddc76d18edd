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

  template <class S = LoginToken>
  static constexpr auto fields() {
    return std::tuple{Field{"TOKEN", &S::token}, Field{"EXPIRATION_TIME", &S::expiration_time},
                      Field{"EGID", &S::egid}};
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

  template <class S = User>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id},
                      Field{"GID", &S::gid},
                      Field{"GROUPS", &S::groups},
                      Field{"GNAME", &S::gname},
                      Field{"NAME", &S::name},
                      Field{"PASSWORD", &S::password, cdata},
                      Field{"AUTH_DRIVER", &S::auth_driver, cdata},
                      Field{"ENABLED", &S::enabled},
                      Field{"LOGIN_TOKEN", &S::login_tokens},
                      Field{"TEMPLATE", &S::attributes},
                      Field{"QUOTAS", &S::quotas, stored_only}};
  }
};

}  // namespace nubo
