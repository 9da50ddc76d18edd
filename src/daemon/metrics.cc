// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <set>
#include <unordered_map>

#include "base/guarded.h"

namespace nubo {
namespace {

using Stopwatch = std::chrono::steady_clock;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

const prometheus::Histogram::BucketBoundaries seconds_buckets{
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const prometheus::Histogram::BucketBoundaries size_buckets{1,   2,   4,   8,    16,   32,    64,
                                                           128, 256, 512, 1024, 4096, 10'000};

double seconds_since(Stopwatch::time_point start) {
  return std::chrono::duration<double>(Stopwatch::now() - start).count();
}

const char* outcome_of(const Error& error) {
  switch (error.code) {
    case Code::authentication:
      return "authentication";
    case Code::authorization:
      return "authorization";
    case Code::no_exists:
      return "no_exists";
    case Code::action:
      return "action";
    case Code::api:
      return "api";
    case Code::internal:
      return "internal";
    case Code::allocate:
      return "allocate";
    case Code::locked:
      return "locked";
    case Code::replication:
      return "replication";
  }
  return "internal";
}

const char* outcome_of(const api::Reply& reply) {
  if (const auto* error = std::get_if<Error>(&reply)) return outcome_of(*error);
  return std::holds_alternative<api::Fault>(reply) ? "fault" : "success";
}

ClientMetric gauge(std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  return metric;
}

ClientMetric counter(std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = value;
  return metric;
}

const char* name_of(HostState state) {
  switch (state) {
    case HostState::init:
      return "INIT";
    case HostState::monitored:
      return "MONITORED";
    case HostState::error:
      return "ERROR";
    case HostState::disabled:
      return "DISABLED";
    case HostState::offline:
      return "OFFLINE";
  }
  return "";
}

template <class T, class F>
MetricFamily by_state(const Snapshot& snapshot, const char* name, const char* help, F&& state_of) {
  std::map<std::string_view, double> counts;
  snapshot.pool<T>().for_each(
      [&](const Entry<T>& entry) { ++counts[std::string_view(state_of(entry.object))]; });
  MetricFamily family{name, help, MetricType::Gauge, {}};
  for (const auto& [state, count] : counts) {
    family.metric.push_back(gauge({{"state", std::string(state)}}, count));
  }
  return family;
}

// What is looked up when somebody asks.
class Scrape final : public prometheus::Collectable {
 public:
  explicit Scrape(Metrics::Sources sources) : sources_(std::move(sources)) {}

  std::vector<MetricFamily> Collect() const override {
    const SnapshotPtr snapshot = sources_.snapshot();
    std::vector<MetricFamily> families = drivers();
    families.push_back(by_state<Host>(*snapshot, "nubo_hosts", "Hosts by state",
                                      [](const Host& host) { return name_of(host.state); }));
    families.push_back(by_state<Vm>(*snapshot, "nubo_vms", "VMs by state (LCM state when active)",
                                    [](const Vm& vm) { return names_of(vm.states()).name; }));
    families.back().metric.push_back(
        gauge({{"state", "DONE"}}, done_.with([this](Counted& done) { return recent(done); })));
    const auto effects = static_cast<double>(snapshot->pool<Effect>().size());
    families.push_back({"nubo_effects",
                        "Driver operations asked for and not yet over",
                        MetricType::Gauge,
                        {gauge({}, effects)}});
    const auto silence = static_cast<double>(sources_.longest_silence().count());
    families.push_back({"nubo_monitoring_lag_seconds",
                        "Since the last report of the host that said nothing for longest",
                        MetricType::Gauge,
                        {gauge({}, silence)}});
    return families;
  }

 private:
  struct Counted {
    Stopwatch::time_point time{};
    double vms = 0;
  };

  double recent(Counted& done) const {
    const auto now = Stopwatch::now();
    if (done.time == Stopwatch::time_point{} || now - done.time > std::chrono::minutes(1)) {
      if (const auto count = sources_.done_vms()) done = {now, static_cast<double>(*count)};
    }
    return done.vms;
  }

  std::vector<MetricFamily> drivers() const {
    MetricFamily running{"nubo_driver_up", "Whether the program runs", MetricType::Gauge, {}};
    MetricFamily requests{
        "nubo_driver_requests", "Requests of a driver program by stage", MetricType::Gauge, {}};
    MetricFamily ended{
        "nubo_driver_requests_total", "Requests that ended, by outcome", MetricType::Counter, {}};
    MetricFamily restarts{
        "nubo_driver_restarts_total", "Restarts of the program", MetricType::Counter, {}};
    for (const DriverStats& driver : sources_.drivers()) {
      const auto one = [&driver](const char* name, const char* value) {
        return std::vector<ClientMetric::Label>{{"driver", driver.name}, {name, value}};
      };
      running.metric.push_back(gauge({{"driver", driver.name}}, driver.running ? 1 : 0));
      requests.metric.push_back(gauge(one("stage", "waiting"), driver.waiting));
      requests.metric.push_back(gauge(one("stage", "under_way"), driver.under_way));
      ended.metric.push_back(counter(one("outcome", "success"), static_cast<double>(driver.done)));
      ended.metric.push_back(
          counter(one("outcome", "failure"), static_cast<double>(driver.failed)));
      restarts.metric.push_back(
          counter({{"driver", driver.name}}, static_cast<double>(driver.restarts)));
    }
    return {running, requests, ended, restarts};
  }

  const Metrics::Sources sources_;
  mutable Guarded<Counted> done_;
};

}  // namespace

struct MetricsCore {
  prometheus::Registry& all() const { return *registry; }

  void call_ended(const std::string& method, const char* outcome, double seconds) {
    auto [time, count] = calls.with([&](auto& known) {
      auto& call = known[method];
      if (call.time == nullptr) call.time = &times.Add({{"method", method}}, seconds_buckets);
      auto*& counted = call.outcomes[outcome];
      if (counted == nullptr) {
        counted = &requests.Add({{"method", method}, {"outcome", outcome}});
      }
      return std::pair(call.time, counted);
    });
    time->Observe(seconds);
    count->Increment();
  }

  struct Call {
    prometheus::Histogram* time = nullptr;
    std::map<std::string_view, prometheus::Counter*> outcomes;  // of literals
  };

  const std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("nubo_requests_total")
                                                          .Help("Calls by method and outcome")
                                                          .Register(all());
  prometheus::Family<prometheus::Histogram>& times =
      prometheus::BuildHistogram()
          .Name("nubo_request_seconds")
          .Help("From the decoded call to its reply, the commit included")
          .Register(all());
  prometheus::Histogram& commit_seconds = prometheus::BuildHistogram()
                                              .Name("nubo_commit_seconds")
                                              .Help("Time of a transaction, made durable")
                                              .Register(all())
                                              .Add({}, seconds_buckets);
  prometheus::Histogram& commit_rows = prometheus::BuildHistogram()
                                           .Name("nubo_commit_rows")
                                           .Help("Rows written in one transaction")
                                           .Register(all())
                                           .Add({}, size_buckets);
  prometheus::Counter& commit_failures = prometheus::BuildCounter()
                                             .Name("nubo_commit_failures_total")
                                             .Help("Transactions that the disk refused")
                                             .Register(all())
                                             .Add({});
  Guarded<std::unordered_map<std::string, Call>> calls;
  std::shared_ptr<Scrape> scrape;
  std::unique_ptr<prometheus::Exposer> exposer;
};

namespace {

class MeasuredDatabase final : public Database {
 public:
  MeasuredDatabase(std::unique_ptr<Database> database, std::shared_ptr<MetricsCore> core)
      : database_(std::move(database)), core_(std::move(core)) {}

  Status read(std::size_t table, const std::function<Status(int, std::string_view)>& row) override {
    return database_->read(table, row);
  }

  std::vector<int> counters() const override { return database_->counters(); }

  Status write(const Writes& writes) override {
    const auto start = Stopwatch::now();
    const Status written = database_->write(writes);
    if (!written) {
      core_->commit_failures.Increment();
    } else {
      core_->commit_seconds.Observe(seconds_since(start));
      core_->commit_rows.Observe(static_cast<double>(writes.rows.size()));
    }
    return written;
  }

  const Archive& archive() const override { return database_->archive(); }

 private:
  const std::unique_ptr<Database> database_;
  const std::shared_ptr<MetricsCore> core_;
};

}  // namespace

Metrics::Metrics() : core_(std::make_shared<MetricsCore>()) {}

Metrics::~Metrics() { stop(); }

// A method that nobody knows is counted under one name, so that callers cannot make up series.
api::Service Metrics::measured(api::Service service) const {
  const auto known = std::make_shared<std::set<std::string>>();
  for (const api::MethodInfo& method : service.methods) known->insert(method.name);
  service.handle = [core = core_, known, handle = std::move(service.handle)](api::Request request,
                                                                             api::Done done) {
    const auto start = Stopwatch::now();
    std::string method = known->contains(request.method) ? request.method : "unknown";
    handle(std::move(request),
           [core, start, method = std::move(method), done = std::move(done)](api::Reply reply) {
             core->call_ended(method, outcome_of(reply), seconds_since(start));
             done(std::move(reply));
           });
  };
  return service;
}

std::unique_ptr<Database> Metrics::measured(std::unique_ptr<Database> database) const {
  return std::make_unique<MeasuredDatabase>(std::move(database), core_);
}

Status Metrics::listen(const Template& config, Sources sources) {
  const Vector* where = config.vector("METRICS");
  const auto port = where == nullptr ? std::nullopt : where->number<std::uint16_t>("PORT");
  if (!port) return fail(Code::internal, "METRICS has no PORT from 0 to 65535");
  if (*port == 0) return ok();
  const std::string endpoint = fmt::format("{}:{}", where->get("ADDRESS"), *port);
  try {
    core_->exposer = std::make_unique<prometheus::Exposer>(endpoint, 1);
  } catch (const std::exception& error) {
    return fail(Code::internal, "cannot answer GET /metrics on {}: {}", endpoint, error.what());
  }
  core_->scrape = std::make_shared<Scrape>(std::move(sources));
  core_->exposer->RegisterCollectable(core_->registry);
  core_->exposer->RegisterCollectable(core_->scrape);
  return ok();
}

void Metrics::stop() {
  if (core_) core_->exposer.reset();
}

}  // namespace nubo
