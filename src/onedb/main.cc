// SPDX-License-Identifier: Apache-2.0
// onedb: purge-done (sheet objects.md §10.5).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <unistd.h>

#include "daemon/config.h"
#include "daemon/locations.h"
#include "store/purge.h"

namespace nubo {
namespace {

struct Options {
  std::string database;
  std::string config;
  std::string start, end;
  int page = PurgeQuery{}.page;
  bool is_verbose = false;
};

struct Moment {
  EpochSeconds time{};
  bool is_day = false;  // without a time of day
};

/// "2026-11-21", also with slashes, also with " 14:00" or " 14:00:30"; local time.
std::optional<Moment> parse_moment(std::string text) {
  for (char& each : text) each = each == '/' ? '-' : each == 'T' ? ' ' : each;
  for (const char* form : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"}) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), form, &parts);
    if (rest == nullptr || *rest != 0) continue;
    parts.tm_isdst = -1;
    return Moment{EpochSeconds(std::mktime(&parts)), std::string_view(form) == "%Y-%m-%d"};
  }
  return {};
}

Result<PurgeQuery> query_of(const Options& options) {
  PurgeQuery query{.page = options.page};
  const auto moment = [](const char* option, const std::string& text) -> Result<Moment> {
    const auto parsed = parse_moment(text);
    if (!parsed) {
      return fail(Code::internal, "{} \"{}\" is no time: 2026-11-21 or \"2026-11-21 14:00\"",
                  option, text);
    }
    return *parsed;
  };
  if (!options.start.empty()) {
    NUBO_TRY(const Moment start, moment("--start", options.start));
    query.ended_from = start.time;
  }
  if (!options.end.empty()) {
    NUBO_TRY(const Moment end, moment("--end", options.end));
    // A day is in until its end.
    std::tm parts{};
    const std::time_t day = end.time.count();
    ::localtime_r(&day, &parts);
    parts.tm_mday += end.is_day ? 1 : 0;
    parts.tm_sec -= end.is_day ? 1 : 0;
    parts.tm_isdst = -1;
    query.ended_by = EpochSeconds(std::mktime(&parts));
  }
  return query;
}

Result<std::string> database_path(const Options& options) {
  if (!options.database.empty()) return options.database;
  const Locations locations = locate();
  const std::string file = options.config.empty() ? locations.config_file() : options.config;
  NUBO_TRY(const Config config, load_config(file, locations));
  return database_of(config.attributes);
}

Status purge(const Options& options) {
  NUBO_TRY(const PurgeQuery query, query_of(options));
  NUBO_TRY(const std::string path, database_path(options));
  const bool is_shown = options.is_verbose && ::isatty(STDOUT_FILENO) == 1;
  NUBO_TRY(const long long gone, purge_done(path, query, [is_shown](long long so_far) {
    if (is_shown) fmt::print("\r{} VMs", so_far);
  }));
  if (is_shown) fmt::print("\r");
  if (options.is_verbose) fmt::print("{}: purged {} VMs in DONE\n", path, gone);
  return ok();
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("What admins do to oned's database.");
  app.require_subcommand(1);
  app.set_version_flag("-V,--version", "Nubo " NUBO_VERSION);
  CLI::App* command =
      app.add_subcommand("purge-done", "delete VMs that are DONE; oned may run meanwhile");
  command->add_option("-s,--start", options.start, "only those that ended then or later");
  command->add_option("-e,--end", options.end, "only those that ended by then");
  command->add_option("--pages", options.page, "VMs in one transaction")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_flag("-v,--verbose", options.is_verbose, "say what was done");
  const auto database =
      command->add_option("--sqlite", options.database, "the database; else oned.conf's");
  command->add_option("-c,--config", options.config, "oned.conf")->excludes(database);
  CLI11_PARSE(app, argc, argv);
  if (const Status done = purge(options); !done) {
    fmt::print(stderr, "onedb: {}\n", done.error().message);
    return 255;
  }
  return 0;
}

}  // namespace
}  // namespace nubo

int main(int argc, char** argv) { return nubo::run(argc, argv); }
