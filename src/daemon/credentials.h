// SPDX-License-Identifier: Apache-2.0
// The secrets in files (sheet objects.md §1.1): at the first start who the administrator is and the
// password of serveradmin for the programs that speak for users; at each the key of encrypted
// attributes.
#pragma once

#include "api/bootstrap.h"
#include "base/result.h"
#include "daemon/locations.h"

namespace nubo {

/// The administrator from the file that ONE_AUTH names, else ~/.one/one_auth, else the same below
/// `locations.var`; a new secret for serveradmin. Code::internal when there is no such file, or it
/// is not "name:password".
Result<api::FirstUsers> read_credentials(const Locations& locations);

/// Writes serveradmin's secret to <var>/.one/*_auth. Overwrites what an interrupted first start
/// left.
Status write_server_credentials(const Locations& locations, const std::string& secret);

/// The key of encrypted attributes in <var>/.one/one_key; made when there is none.
Result<std::string> master_key(const Locations& locations);

}  // namespace nubo
