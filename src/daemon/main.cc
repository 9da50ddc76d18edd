// SPDX-License-Identifier: Apache-2.0
// oned: command line, log, signals.
#include <getopt.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

#include "daemon/daemon.h"
#include "daemon/state.h"

namespace nubo {
namespace {

constexpr const char* usage =
    "usage: oned [-f] [-c FILE] [-i] [-v] [-h]\n"
    "  -f, --foreground   log to the standard error\n"
    "  -c, --config FILE  configuration (default /etc/one/oned.conf, or etc/oned.conf below\n"
    "                     ONE_LOCATION)\n"
    "  -i, --init-db      make the database with its first contents and end\n"
    "  -v, --version      print the version and end\n"
    "  -h, --help         print this and end\n"
    "SIGTERM and SIGINT end it cleanly, SIGHUP opens the log file anew.\n";

struct Options {
  bool is_foreground = false;
  bool only_makes_database = false;
  bool wants_version = false;
  bool wants_help = false;
  std::string config;
};

/// Nothing when the command line is wrong; getopt has said why.
std::optional<Options> parse_options(int argc, char** argv) {
  constexpr option long_options[] = {
      {"foreground", no_argument, nullptr, 'f'}, {"config", required_argument, nullptr, 'c'},
      {"init-db", no_argument, nullptr, 'i'},    {"version", no_argument, nullptr, 'v'},
      {"help", no_argument, nullptr, 'h'},       {}};
  Options options;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
  for (int c = 0; (c = ::getopt_long(argc, argv, "fc:ivh", long_options, nullptr)) != -1;) {
    if (c == 'f') options.is_foreground = true;
    if (c == 'c') options.config = optarg;
    if (c == 'i') options.only_makes_database = true;
    if (c == 'v') options.wants_version = true;
    if (c == 'h') options.wants_help = true;
    if (c == '?') return {};
  }
  if (optind < argc) return {};
  return options;
}

sigset_t our_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, number);
  return signals;
}

/// Many connections and driver pipes; the default of 1024 open files is too low for them.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Status start_log(const Config& config, const Locations& locations, const Options& options) {
  NUBO_TRY(const LogSettings settings, log_settings(config.attributes));
  log_level(settings.level);
  if (options.is_foreground || !settings.is_to_file) return ok();
  std::error_code ignored;
  std::filesystem::create_directories(locations.log, ignored);
  return log_to_file(locations.log_file());
}

/// <var>/config: what is in effect, for scripts (sheet drivers.md §8.1).
void write_description(const Config& config, const Locations& locations) {
  std::ofstream file(locations.var + "/config");
  file << describe(config.attributes);
  if (!file.flush()) log_warning("oned", "cannot write {}/config", locations.var);
}

void serve_until_told(const sigset_t& signals) {
  for (int number = 0; ::sigwait(&signals, &number) == 0;) {
    if (number != SIGHUP) {
      log_info("oned", "signal {}: stopping", number);
      return;
    }
    log_reopen();
  }
}

Status run(const Options& options) {
  const Locations locations = locate();
  const std::string file = options.config.empty() ? locations.config_file() : options.config;
  NUBO_TRY(const Config config, load_config(file, locations));
  NUBO_CHECK(start_log(config, locations, options));
  for (const std::string& remark : config.remarks) log_warning("oned", "{}", remark);
  if (options.only_makes_database) {
    const SystemClock clock;
    NUBO_CHECK(open_state(config.attributes, locations, clock, Metrics()));
    return ok();
  }
  const sigset_t signals = our_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // inherited by all threads; main waits for them
  ::signal(SIGPIPE, SIG_IGN);
  raise_file_limit();
  NUBO_TRY(const auto daemon, Daemon::start(config, locations));
  write_description(config, locations);
  log_info("oned", "answers on {}:{}", config.attributes.get("LISTEN_ADDRESS"),
           config.attributes.get("PORT"));
  serve_until_told(signals);
  daemon->stop();
  log_info("oned", "stopped");
  return ok();
}

}  // namespace
}  // namespace nubo

int main(int argc, char** argv) {
  const auto options = nubo::parse_options(argc, argv);
  if (!options || options->wants_help) {
    std::fputs(nubo::usage, options ? stdout : stderr);
    return options ? 0 : 2;
  }
  if (options->wants_version) {
    std::puts("Nubo " NUBO_VERSION);
    return 0;
  }
  if (const nubo::Status status = nubo::run(*options); !status) {
    nubo::log_error("oned", "{}", status.error().message);
    std::fprintf(stderr, "oned: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
