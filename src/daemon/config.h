// SPDX-License-Identifier: Apache-2.0
// oned.conf: template text over the defaults, which are the shipped file itself, built in (so each
// key and its default stand once: share/etc/oned.conf). Read once at start. docs/configuration.md
// is the admin's view; sheet objects.md §10.1 the keys as OpenNebula's users know them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "daemon/locations.h"
#include "drivers/outcome.h"
#include "rpc/server.h"
#include "text/template.h"

namespace nubo {

struct Config {
  Template attributes;               // all that is in effect
  std::vector<std::string> remarks;  // for the log: "oned.conf:12: …"
};

struct LogSettings {
  LogLevel level = LogLevel::info;
  bool is_to_file = true;  // else to the standard error
};

/// The shipped oned.conf.
std::string_view default_config();

/// What is in effect with `text` (named `file` in errors and remarks) over the defaults. Keys that
/// mean nothing here are remarked and left out.
Result<Config> read_config(const std::string& file, std::string_view text,
                           const Locations& locations);
/// The same from a file; Code::internal also when it cannot be read.
Result<Config> load_config(const std::string& file, const Locations& locations);

/// Parts of it, checked: Code::internal names key and value.
Result<rpc::Settings> rpc_settings(const Template& config);
Result<std::vector<DriverConfig>> driver_configs(const Template& config,
                                                 const Locations& locations);
Result<LogSettings> log_settings(const Template& config);
Result<std::string> database_of(const Template& config);

/// For files and the log: one NAME=VALUE line each, passwords and keys as ***.
std::string describe(const Template& config);

}  // namespace nubo
