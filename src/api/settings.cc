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

namespace {

/// The lists of oned.conf, if it has any.
std::shared_ptr<const Template> vm_operations(const Template& config) {
  Template lists;
  for (const char* name : {"VM_ADMIN_OPERATIONS", "VM_MANAGE_OPERATIONS", "VM_USE_OPERATIONS"}) {
    if (config.contains(name)) lists.set(name, config.get(name));
  }
  if (lists.empty()) return nullptr;
  return std::make_shared<const Template>(std::move(lists));
}

}  // namespace

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
  for (const std::string& name : listed(config, "QUOTA_VM_ATTRIBUTE")) {
    config.add("VM_RESTRICTED_ATTR", name);
  }
  settings.auth.vm_operations = vm_operations(config);
  settings.secrets = SecretAttributes(config);
  settings.config = std::move(config);
  return settings;
}

std::vector<std::string> listed(const Template& config, std::string_view name) {
  std::vector<std::string> values;
  for (const Attribute& attribute : config) {
    const std::string* value = attribute.name == name ? attribute.single() : nullptr;
    if (value && !value->empty()) values.push_back(*value);
  }
  return values;
}

}  // namespace nubo::api
