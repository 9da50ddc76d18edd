// SPDX-License-Identifier: Apache-2.0
#include "daemon/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>

namespace nubo {
namespace {

constexpr std::array secret_keys{"PASSWD", "PASSWORD", "ONE_KEY"};

/// The line that sets `name` (as written, case does not matter), from 1; 0 when there is none.
std::size_t line_of(std::string_view text, std::string_view name) {
  const auto same = [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; };
  std::size_t number = 1;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t size = line.size();
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const std::string_view after = line.substr(std::min(name.size(), line.size()));
    if (std::equal(name.begin(), name.end(), line.begin(), line.end() - after.size(),
                   [&same](char wanted, char is) { return same(is, wanted); }) &&
        after.substr(std::min(after.find_first_not_of(" \t"), after.size())).starts_with('=')) {
      return number;
    }
    text.remove_prefix(std::min(size + 1, text.size()));
    ++number;
  }
  return 0;
}

// TM_MAD_CONF, VN_MAD_CONF …: an entry takes the place of that with its NAME; others are added.
void put_named(Template& config, const Attribute& entry) {
  const std::string& name = entry.vector()->get("NAME");
  for (Vector* old : config.vectors(entry.name)) {
    if (old->get("NAME") == name) {
      *old = *entry.vector();
      return;
    }
  }
  config.add(entry);
}

void fill_paths(Template& config, const Locations& locations) {
  if (config.get("DATASTORE_LOCATION").empty()) {
    config.set("DATASTORE_LOCATION", locations.datastores());
  }
  Vector* database = config.vector("DB");
  if (database != nullptr && database->get("PATH").empty()) {
    database->set("PATH", locations.database());
  }
}

template <class T>
Result<T> number(const Template& config, const std::string& key, T least,
                 T most = std::numeric_limits<T>::max()) {
  const auto value = config.number<T>(key);
  if (value && *value >= least && *value <= most) return *value;
  return fail(Code::internal, "{} = \"{}\" is no number from {} to {}", key, config.get(key), least,
              most);
}

Result<int> cap(const Vector& entry, const std::string& key, int otherwise) {
  if (!entry.contains(key)) return otherwise;
  const auto value = entry.number<int>(key);
  if (value && *value > 0) return *value;
  return fail(Code::internal, "{} = \"{}\" of {} is no number above 0", key, entry.get(key),
              entry.get("EXECUTABLE"));
}

/// `config` gives what all programs are told.
Result<DriverConfig> driver_config(const std::string& name, const Vector& entry,
                                   const Template& config, const Locations& locations) {
  DriverConfig driver;
  driver.name = name;
  const std::string path = find_driver(locations, entry.get("EXECUTABLE"));
  if (path.empty()) {
    return fail(Code::internal, "driver {}: there is no program \"{}\"", name,
                entry.get("EXECUTABLE"));
  }
  driver.argv = {path};
  for (const auto& [key, value] : entry) driver.settings[key] = value;
  for (const char* key : {"HOSTNAME", "SCRIPTS_REMOTE_DIR", "DATASTORE_LOCATION",
                          "CONTEXT_RESTRICTED_DIRS", "CONTEXT_SAFE_DIRS"}) {
    if (!config.get(key).empty()) driver.settings.try_emplace(key, config.get(key));
  }
  driver.settings.try_emplace("REMOTES", locations.var + "/remotes");
  NUBO_TRY(driver.caps.running, cap(entry, "MAX_RUNNING", driver.caps.running));
  NUBO_TRY(driver.caps.per_node, cap(entry, "MAX_RUNNING_PER_NODE", driver.caps.per_node));
  return driver;
}

bool is_secret(std::string_view key) {
  return std::ranges::find(secret_keys, key) != secret_keys.end();
}

/// Puts one attribute of the file over the defaults; `is_first` of its name in the file.
void put(Template& config, const Attribute& attribute, bool is_first) {
  if (attribute.name.ends_with("_MAD_CONF")) return put_named(config, attribute);
  const bool is_list = attribute.vector() == nullptr || attribute.name == "VM_MAD";
  if (is_list && is_first) config.erase(attribute.name);
  if (is_list) return config.add(attribute);
  Vector* old = config.vector(attribute.name);
  for (const auto& [key, value] : *attribute.vector()) old->set(key, value);
}

}  // namespace

Result<Config> read_config(const std::string& file, std::string_view text,
                           const Locations& locations) {
  const auto defaults = parse_template(default_config());
  if (!defaults) return context(defaults.error(), "built-in oned.conf");
  // A comment ends with its line, also the last one.
  const auto given = parse_template(std::string(text) + "\n");
  if (!given) return context(given.error(), file);

  Config config{*defaults, {}};
  std::set<std::string, std::less<>> seen;
  for (const Attribute& attribute : *given) {
    const std::string place = fmt::format("{}:{}", file, line_of(text, attribute.name));
    if (!defaults->contains(attribute.name)) {
      config.remarks.push_back(
          fmt::format("{}: {} means nothing to this oned", place, attribute.name));
      continue;
    }
    if ((attribute.vector() == nullptr) != (defaults->vector(attribute.name) == nullptr)) {
      return fail(Code::internal, "{}: {} is to be {}", place, attribute.name,
                  attribute.vector() == nullptr ? "[ KEY = VALUE, ... ]" : "a single value");
    }
    put(config.attributes, attribute, seen.insert(attribute.name).second);
  }
  fill_paths(config.attributes, locations);
  return config;
}

Result<Config> load_config(const std::string& file, const Locations& locations) {
  std::ifstream stream(file);
  if (!stream) return fail(Code::internal, "cannot read the configuration {}", file);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return read_config(file, text, locations);
}

Result<rpc::Settings> rpc_settings(const Template& config) {
  rpc::Settings settings;
  settings.address = config.get("LISTEN_ADDRESS");
  NUBO_TRY(settings.port, number<std::uint16_t>(config, "PORT", 0));
  NUBO_TRY(settings.workers, number<std::size_t>(config, "RPC_THREADS", 1, 256));
  rpc::HttpLimits& http = settings.http;
  NUBO_TRY(http.connections, number<std::size_t>(config, "MAX_CONN", 1, 100'000));
  NUBO_TRY(http.backlog, number<int>(config, "MAX_CONN_BACKLOG", 1));
  NUBO_TRY(http.requests_per_connection, number<std::size_t>(config, "KEEPALIVE_MAX_CONN", 0));
  NUBO_TRY(http.body_bytes, number<std::size_t>(config, "MESSAGE_SIZE", 1024, 1UL << 30));
  NUBO_TRY(const int idle, number<int>(config, "KEEPALIVE_TIMEOUT", 1));
  NUBO_TRY(const int transfer, number<int>(config, "TIMEOUT", 1));
  http.idle = std::chrono::seconds(idle);
  http.transfer = std::chrono::seconds(transfer);
  http.large_bodies_bytes = std::max(http.large_bodies_bytes, 2 * http.body_bytes);
  return settings;
}

Result<std::vector<DriverConfig>> driver_configs(const Template& config,
                                                 const Locations& locations) {
  constexpr std::array single{std::pair{"TM_MAD", "tm"}, std::pair{"DATASTORE_MAD", "datastore"},
                              std::pair{"VN_MAD", "vnm"}};
  std::vector<DriverConfig> drivers;
  for (const Vector* entry : config.vectors("VM_MAD")) {
    NUBO_TRY(DriverConfig driver, driver_config(entry->get("NAME"), *entry, config, locations));
    drivers.push_back(std::move(driver));
  }
  for (const auto& [key, name] : single) {
    const Vector* entry = config.vector(key);
    if (entry == nullptr) return fail(Code::internal, "{} is no vector", key);
    NUBO_TRY(DriverConfig driver, driver_config(name, *entry, config, locations));
    drivers.push_back(std::move(driver));
  }
  return drivers;
}

Result<LogSettings> log_settings(const Template& config) {
  constexpr std::array levels{LogLevel::error, LogLevel::warning, LogLevel::info, LogLevel::debug};
  const Vector* log = config.vector("LOG");
  const auto level = log == nullptr ? std::nullopt : log->number<int>("DEBUG_LEVEL");
  if (!level || *level < 0 || *level > 5) {
    return fail(Code::internal, "LOG has no DEBUG_LEVEL from 0 to 5");
  }
  const std::string& system = log->get("SYSTEM");
  if (system != "file" && system != "std") {
    return fail(Code::internal, "LOG has SYSTEM = \"{}\": it is to be file or std", system);
  }
  return LogSettings{levels.at(static_cast<std::size_t>(std::min(*level, 3))), system == "file"};
}

Result<std::string> database_of(const Template& config) {
  const Vector* database = config.vector("DB");
  if (database == nullptr || database->get("BACKEND") != "sqlite") {
    return fail(Code::internal, "DB has no BACKEND = \"sqlite\": there is no other one");
  }
  return database->get("PATH");
}

std::string describe(const Template& config) {
  const auto shown = [](std::string_view key, const std::string& value) {
    return is_secret(key) && !value.empty() ? "***" : value;
  };
  std::string out;
  for (const Attribute& attribute : config) {
    out += attribute.name + "=";
    if (const std::string* single = attribute.single()) {
      out += shown(attribute.name, *single);
    } else {
      std::string separator;
      for (const auto& [key, value] : *attribute.vector()) {
        out += separator + key + "=" + shown(key, value);
        separator = ",";
      }
    }
    out += '\n';
  }
  return out;
}

}  // namespace nubo
