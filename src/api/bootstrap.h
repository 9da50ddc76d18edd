// SPDX-License-Identifier: Apache-2.0
// What a fresh database begins with (sheet objects.md §1): users, groups, rules, the default
// cluster, datastores, security group, zone, VDC and marketplaces.
#pragma once

#include <string>

#include "api/settings.h"
#include "store/change.h"

namespace nubo::api {

struct FirstUsers {
  std::string admin_name;      // from the ONE_AUTH file
  std::string admin_password;  // in clear
  std::string server_secret;   // serveradmin's password in clear, as in the *_auth files
};

/// Whether the state is still empty.
bool needs_bootstrap(const Snapshot& snapshot);

/// Makes it all in one change. Code::internal when a name or password is not allowed.
Change bootstrap(FirstUsers users, const Settings& settings);

}  // namespace nubo::api
