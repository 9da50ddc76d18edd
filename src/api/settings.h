// SPDX-License-Identifier: Apache-2.0
// What calls need of the configuration: oned.conf in effect, and where users, groups and the file
// may all say something (sheet objects.md §0.8). Read once at start, then immutable.
#pragma once

#include <string>
#include <vector>

#include "auth/identity.h"
#include "auth/secret_attributes.h"
#include "text/template.h"

namespace nubo::api {

struct Settings {
  std::string version = "7.4.0";  // of the API that clients expect
  Template config;                // oned.conf in effect
  AuthSettings auth;
  SecretAttributes secrets;
  std::string datastore_location = "/var/lib/one//datastores";

  /// The entry of that NAME among the vectors `attribute` (TM_MAD_CONF …), or nullptr.
  const Vector* entry(std::string_view attribute, std::string_view name) const;
};

/// Fills `auth` and the others from the keys of oned.conf.
Settings settings_of(Template config);

/// Values of a list of one name (VM_RESTRICTED_ATTR …).
std::vector<std::string> listed(const Template& config, std::string_view name);

}  // namespace nubo::api
