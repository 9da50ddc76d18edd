// SPDX-License-Identifier: Apache-2.0
// nubo_bench: measures one daemon, or several in turn, with the same work (docs/performance.md).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "bench/machine.h"
#include "bench/stage.h"
#include "protocol/spawn.h"

namespace nubo::bench {
namespace {

constexpr std::array scenarios{
    Scenario{"allocate", "machines made by 1, 32 and 8 clients", false, play_allocate},
    Scenario{"read", "machines read one by one, in lists, mixed with changes; start", false,
             play_read},
    Scenario{"memory", "memory of machines with 10 KB templates", false, play_memory},
    Scenario{"deploy", "machines from pending to running", false, play_deploy},
    Scenario{"deploy_full", "the same with a disk and an address", false, play_deploy_full},
    Scenario{"placement", "many machines placed on many hosts", false, play_placement},
    Scenario{"durability", "SIGKILL under writers", false, play_durability},
    Scenario{"overload", "clients that misbehave", false, play_overload},
    Scenario{"history", "machines that are done", false, play_history},
    Scenario{"idle", "CPU while only monitoring goes on (4 minutes)", true, play_idle},
    Scenario{"growth", "sizes up to 300,000 machines (10 minutes)", true, play_growth},
    Scenario{"soak", "mixed load for a long time (20 minutes)", true, play_soak},
};

struct Options {
  std::vector<std::string> names;
  std::vector<std::string> daemons;  // "LABEL=PROGRAM"
  std::string json;
  std::filesystem::path directory = std::filesystem::temp_directory_path();
  std::uint16_t port = 26330;
  Sizes sizes;
  double duration = 5, soak = 1200;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("scenario", options.names, "which scenarios (default: all but the long ones)");
  app.add_option("--daemon", options.daemons,
                 "LABEL=PROGRAM, a program with the interface of test/throwaway.sh; several times")
      ->required();
  app.add_option("--json", options.json, "write the figures to this file");
  app.add_option("--directory", options.directory, "where the daemons' directories are made");
  app.add_option("--port", options.port, "port of the daemon under test on 127.0.0.1");
  app.add_option("--vms", options.sizes.vms, "machines in lists");
  app.add_option("--hosts", options.sizes.hosts, "hosts of placement and idle");
  app.add_option("--placed-vms", options.sizes.placed_vms, "machines of placement");
  app.add_option("--deployed-vms", options.sizes.deployed_vms, "machines of deploy");
  app.add_option("--monitored-vms", options.sizes.monitored_vms, "machines of idle");
  app.add_option("--kills", options.sizes.kills, "SIGKILLs of durability");
  app.add_option("--seconds", options.duration, "of each timed load");
  app.add_option("--soak-seconds", options.soak, "of soak");
  std::string names;
  for (const Scenario& scenario : scenarios) {
    names += fmt::format("  {:12} {}\n", scenario.name, scenario.subject);
  }
  app.footer("Scenarios:\n" + names);
}

bool is_wanted(const Scenario& scenario, const Options& options) {
  if (options.names.empty()) return !scenario.is_long;
  return std::ranges::find(options.names, scenario.name) != options.names.end();
}

int run(Options options) {
  options.sizes.duration = Seconds(options.duration);
  options.sizes.soak = Seconds(options.soak);
  driver::ignore_sigpipe();
  std::filesystem::create_directories(options.directory);
  Report report;
  report.add_note("Before: " + describe_machine(options.directory));
  for (const Scenario& scenario : scenarios) {
    if (!is_wanted(scenario, options)) continue;
    for (const std::string& named : options.daemons) {
      const auto equals = named.find('=');
      if (equals == std::string::npos) throw CLI::ValidationError("--daemon", "LABEL=PROGRAM");
      const std::string label = named.substr(0, equals);
      Daemon daemon({.label = label,
                     .program = named.substr(equals + 1),
                     .port = options.port,
                     .parent = options.directory});
      Stage stage{.daemon = daemon, .sizes = options.sizes, .report = report};
      const Status played = scenario.play(stage);
      if (!played) {
        report.add_failure(label, fmt::format("{}: {}", scenario.name, played.error().message));
      }
    }
  }
  report.add_note("After: " + describe_machine(options.directory));
  fmt::print("{}", report.table());
  if (!options.json.empty()) std::ofstream(options.json) << report.json() << '\n';
  return report.is_good() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace nubo::bench

int main(int argc, char** argv) {
  CLI::App app("Measures daemons that speak the API, on this machine's loopback.");
  nubo::bench::Options options;
  nubo::bench::add_options(app, options);
  try {
    app.parse(argc, argv);
    return nubo::bench::run(std::move(options));
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    fmt::print(stderr, "nubo_bench: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
