// SPDX-License-Identifier: Apache-2.0
#include "api/settings.h"

#include <charconv>

namespace nubo::api {

const Vector* Settings::entry(std::string_view attribute, std::string_view name) const {
  for (const Vector* each : config.vectors(attribute)) {
    if (each->get("NAME") == name) return each;
  }
  return nullptr;
}

Settings settings_of(Template config) {
  Settings settings;
  if (const auto seconds = config.number<long long>("SESSION_EXPIRATION_TIME")) {
    settings.auth.session_expiration = EpochSeconds(*seconds);
  }
  const std::string& umask = config.get("DEFAULT_UMASK");
  std::from_chars(umask.data(), umask.data() + umask.size(), settings.auth.default_umask, 8);
  settings.auth.enable_other_permissions = config.yes("ENABLE_OTHER_PERMISSIONS", true);
  if (const std::string& location = config.get("DATASTORE_LOCATION"); !location.empty()) {
    settings.datastore_location = location;
  }
  settings.config = std::move(config);
  return settings;
}

std::vector<std::string> listed(const Template& config, std::string_view name) {
  std::vector<std::string> values;
  for (const Attribute& attribute : config) {
    if (attribute.name == name && attribute.single()) values.push_back(*attribute.single());
  }
  return values;
}

}  // namespace nubo::api
