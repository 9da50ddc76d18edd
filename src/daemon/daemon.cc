// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "api/service.h"
#include "base/log.h"
#include "base/threads.h"
#include "daemon/credentials.h"
#include "daemon/driver_outside.h"
#include "daemon/io_loop.h"
#include "daemon/metrics.h"
#include "daemon/settings.h"
#include "daemon/state.h"
#include "drivers/drivers.h"

namespace nubo {
namespace {

const SystemClock clock;
constexpr std::chrono::seconds calls_end{5};
constexpr Milliseconds actions_end{2'000};
constexpr std::chrono::seconds programs_end{15};

using IoContext = boost::asio::io_context;
using WorkGuard = boost::asio::executor_work_guard<IoContext::executor_type>;

/// All that has to be read from the configuration before anything starts.
struct Settings {
  FlowSettings flow;
  std::vector<DriverConfig> drivers;
  rpc::Settings rpc;
  api::Settings api;
};

/// As many as are wanted, but some descriptors stay for the database, driver programs and files.
std::size_t connections_that_fit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  constexpr rlim_t most_others = 1024;
  const std::size_t fit = limit.rlim_cur - std::min(most_others, limit.rlim_cur / 2);
  if (fit >= wanted) return wanted;
  log_warning("oned", "MAX_CONN is {}, but with {} open files only {} connections fit", wanted,
              limit.rlim_cur, fit);
  return fit;
}

Result<Settings> read_settings(const Template& config, const Locations& locations,
                               const Writer& writer) {
  Settings settings;
  NUBO_TRY(settings.flow, flow_settings(config, locations, writer));
  NUBO_TRY(settings.drivers, driver_configs(config, locations));
  NUBO_TRY(settings.rpc, rpc_settings(config));
  settings.rpc.http.connections = connections_that_fit(settings.rpc.http.connections);
  settings.api = api::settings_of(config);
  return settings;
}

}  // namespace

struct Daemon::Parts {
  Parts(Metrics counted, State opened, Settings given)
      : metrics(std::move(counted)),
        state(std::move(opened)),
        settings(std::move(given)),
        timers(io),
        drivers(io, timers,
                DriverListener{
                    .event = [this](const std::string& driver,
                                    const driver::Event& event) { flow.reported(driver, event); },
                    .progress =
                        [](const driver::Request& request, const std::string& text) {
                          log_info(request.object.kind, "{}: {}", request.object.id, text);
                        },
                    .started = [this](const std::string& driver) { flow.driver_started(driver); }}),
        flow({.writer = *state.writer,
              .drivers = drivers,
              .timers = timers,
              .log = *state.monitoring,
              .clock = clock,
              .post = [this](std::function<void()> job) { boost::asio::post(io, std::move(job)); }},
             settings.flow),
        outside(drivers, settings.api.secrets),
        authenticator(clock, settings.api.auth),
        environment{*state.writer, authenticator, *state.monitoring, outside, clock, settings.api,
                    settings.flow.vm},
        server(io, clock, settings.rpc, metrics.measured(api::make_service(environment))) {}

  Status start(const Template& config);
  void stop();
  void stop_drivers();

  Metrics metrics;
  State state;
  Settings settings;
  IoContext io{1};
  WorkGuard keep_running{io.get_executor()};
  AsioTimers timers;
  Drivers drivers;
  Flow flow;
  DriverOutside outside;
  Authenticator authenticator;
  api::Environment environment;
  rpc::Server server;
  std::jthread io_thread;
};

Status Daemon::Parts::start(const Template& config) {
  for (DriverConfig& driver : settings.drivers) NUBO_CHECK(drivers.add(std::move(driver)));
  state.writer->listen([this](const Commit& commit) { flow.committed(commit); });
  state.writer->start();
  boost::asio::post(io, [this] {
    flow.start();
    drivers.start();
  });
  io_thread = std::jthread([this] {
    name_this_thread("io");
    run_attentively(io);
  });
  NUBO_CHECK(metrics.listen(config, {.snapshot = [this] { return state.writer->snapshot(); },
                                     .done_vms = [this] { return state.writer->archive().count(); },
                                     .drivers = [this] { return drivers.stats(); },
                                     .longest_silence = [this] { return flow.longest_silence(); }}));
  return server.listen();
}

void Daemon::Parts::stop() {
  metrics.stop();
  server.stop(calls_end);
  flow.stop();
  stop_drivers();
  state.writer->stop();
  keep_running.reset();
  io.stop();
  io_thread.join();
}

void Daemon::Parts::stop_drivers() {
  const auto stopped = std::make_shared<std::promise<void>>();
  drivers.stop(actions_end, [stopped] { stopped->set_value(); });
  if (stopped->get_future().wait_for(programs_end) != std::future_status::ready) {
    log_warning("oned", "driver programs did not end in time and are killed");
  }
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(const Config& config, const Locations& locations) {
  Metrics metrics;
  Template attributes = config.attributes;
  NUBO_TRY(std::string key, master_key(locations));
  attributes.set("ONE_KEY", std::move(key));
  NUBO_TRY(State state, open_state(attributes, locations, clock, metrics));
  NUBO_TRY(Settings settings, read_settings(attributes, locations, *state.writer));
  auto parts = std::make_unique<Parts>(std::move(metrics), std::move(state), std::move(settings));
  if (const Status started = parts->start(attributes); !started) {
    parts->stop();
    return Failure(started.error());
  }
  return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

void Daemon::stop() { parts_->stop(); }

}  // namespace nubo
