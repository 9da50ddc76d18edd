// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver.h"

#include <algorithm>
#include <csignal>
#include <tuple>
#include <utility>

#include "base/log.h"

namespace nubo {

namespace {

constexpr int starts_before_unusable = 3;

std::string text_of(const driver::Request& request) {
  std::string text = request.action;
  if (request.object.id >= 0)
    text += fmt::format(" of {} {}", request.object.kind, request.object.id);
  if (!request.node.empty()) text += fmt::format(" on {}", request.node);
  return text;
}

std::string seconds_text(Milliseconds time) {
  return fmt::format("{:g} s", static_cast<double>(time.count()) / 1000);
}

}  // namespace

Driver::Driver(DriverConfig config, Surroundings surroundings)
    : config_(std::move(config)),
      around_(surroundings),
      restart_wait_(around_.waits.first_restart),
      queues_{Queues(config_.caps), Queues(config_.caps)} {}

Driver::~Driver() {
  if (process_) process_->abandon();
}

// The program keeps the same caps as we do, unless its settings say otherwise.
driver::Values Driver::settings() const {
  driver::Values settings = config_.settings;
  settings.try_emplace("MAX_RUNNING", std::to_string(config_.caps.running));
  settings.try_emplace("MAX_RUNNING_PER_NODE", std::to_string(config_.caps.per_node));
  return settings;
}

void Driver::start() {
  ++starts_;
  DriverProcess::Listener listener{
      .message = [this](driver::FromDriver message) { take(std::move(message)); },
      .end = [this](const std::string& why) { ended(why); }};
  auto process =
      DriverProcess::start(around_.io, around_.timers, {.name = config_.name, .argv = config_.argv},
                           std::move(listener));
  if (!process) return start_again(process.error().message);
  process_ = std::move(*process);
  const Status configured = process_->send(driver::Configure{settings()});
  if (!configured) return process_->kill("has settings that are too long");
  run_timer_ = around_.timers.after(around_.waits.hello, [this] {
    process_->kill("said no hello within " + seconds_text(around_.waits.hello));
  });
}

void Driver::submit(driver::Request request, Done done) {
  if (stopped_) return;
  if (!why_unusable_.empty()) return done({End::not_asked, why_unusable_, {}});
  if (stat_waiting_ >= config_.most_waiting)
    return done(
        {End::too_busy,
         fmt::format("driver {} has {} requests waiting", config_.name, stat_waiting_.load()),
         {}});
  const std::int64_t id = request.id;
  Job& job = jobs_.emplace(id, Job{std::move(request), std::move(done)}).first->second;
  job.timer = around_.timers.after(config_.longest_wait, [this, id] { waited_too_long(id); });
  if (ever_ready_) enqueue(job);
  pump();
}

void Driver::enqueue(Job& job) {
  job.lane = quick_.contains(job.request.action) ? driver::Lane::quick : driver::Lane::work;
  job.where = Where::waiting;
  queues_of(job).push(job.request.node, job.request.id);
}

// Gives the program what may run.
void Driver::pump() {
  for (Queues& queues : queues_) {
    while (ready_ && !stopped_) {
      const auto id = queues.next();
      if (!id) break;
      give(jobs_.find(*id));
    }
  }
  count();
}

void Driver::give(Jobs::iterator place) {
  auto& [id, job] = *place;
  job.where = Where::under_way;
  job.timer = around_.timers.after(job.request.deadline + around_.waits.grace,
                                   [this, job_id = id] { expire(job_id); });
  const Status sent = process_->send(job.request);
  if (!sent)
    finish(place, {End::not_asked, text_of(job.request) + ": " + sent.error().message, {}});
}

void Driver::take(driver::FromDriver message) {
  const bool is_hello = std::holds_alternative<driver::Hello>(message);
  if (is_hello == ready_)
    return process_->kill(ready_ ? "said hello again" : "did not begin with hello");
  std::visit([this](auto& one) { take(std::move(one)); }, message);
}

void Driver::take(const driver::Hello& hello) {
  if (hello.protocol != driver::protocol_version)
    return process_->kill(
        fmt::format("speaks protocol {}, not {}", hello.protocol, driver::protocol_version));
  log_info("drivers", "{} runs", config_.name);
  quick_ = {hello.quick.begin(), hello.quick.end()};
  ready_ = ever_ready_ = true;
  starts_ = 0;
  why_unusable_.clear();
  run_timer_ = around_.timers.after(around_.waits.settled,
                                    [this] { restart_wait_ = around_.waits.first_restart; });
  for (auto& [id, job] : jobs_)
    if (job.where == Where::before_hello) enqueue(job);
  around_.listener.started(config_.name);
  pump();
}

void Driver::take(driver::Answer answer) {
  const auto place = jobs_.find(answer.id);
  // Late answers are of requests that have expired: nobody waits for them any more.
  if (place == jobs_.end() || place->second.where != Where::under_way) return;
  const End bad = place->second.cancelled ? End::cancelled : End::failed;
  if (answer.ok) return finish(place, {End::done, "", std::move(answer.data)});
  if (answer.error.empty()) answer.error = "the driver gave no reason";
  finish(place, {bad, std::move(answer.error), {}});
}

void Driver::take(const driver::Progress& progress) {
  const auto place = jobs_.find(progress.id);
  if (place != jobs_.end()) around_.listener.progress(place->second.request, progress.text);
}

void Driver::take(const driver::Event& event) { around_.listener.event(config_.name, event); }

// Takes the job out of everything before its caller hears of it.
void Driver::finish(Jobs::iterator place, Outcome outcome) {
  Job job = std::move(place->second);
  const std::int64_t id = place->first;
  jobs_.erase(place);
  if (job.where == Where::under_way) queues_of(job).done(job.request.node);
  if (job.where == Where::waiting)
    queues_of(job).take(job.request.node, [id](std::int64_t other) { return other == id; });
  ++(outcome.ok() ? stat_done_ : stat_failed_);
  job.done(std::move(outcome));
  pump();
  if (stopped_ && stat_under_way_ == 0) end_program();
}

void Driver::expire(std::int64_t id) {
  const auto place = jobs_.find(id);
  const driver::Request& request = place->second.request;
  std::string error =
      fmt::format("{} did not end within {}", text_of(request), seconds_text(request.deadline));
  std::ignore = process_->send(driver::Cancel{id});
  finish(place, {End::expired, std::move(error), {}});
}

void Driver::waited_too_long(std::int64_t id) {
  const auto place = jobs_.find(id);
  std::string error =
      fmt::format("{} did not get its turn within {}", text_of(place->second.request),
                  seconds_text(config_.longest_wait));
  finish(place, {End::not_asked, std::move(error), {}});
}

bool Driver::cancel(std::int64_t id) {
  const auto place = jobs_.find(id);
  if (place == jobs_.end()) return false;
  if (place->second.where == Where::under_way) {
    place->second.cancelled = true;
    std::ignore = process_->send(driver::Cancel{id});
  } else {
    finish(place, {End::cancelled, "cancelled before it began", {}});
  }
  return true;
}

void Driver::ended(const std::string& why) {
  process_.reset();
  run_timer_.reset();
  ready_ = false;
  fail_under_way(why);
  if (stopped_) {
    log_info("drivers", "{} has ended", config_.name);
    return std::exchange(stopped_, [] {})();
  }
  start_again(fmt::format("{} ended ({})", config_.name, why));
}

void Driver::fail_under_way(const std::string& why) {
  std::vector<std::int64_t> lost;
  for (const auto& [id, job] : jobs_)
    if (job.where == Where::under_way) lost.push_back(id);
  for (const std::int64_t id : lost) {
    const auto place = jobs_.find(id);
    finish(place, {End::driver_died,
                   fmt::format("driver {} ended ({}) during {}", config_.name, why,
                               text_of(place->second.request)),
                   {}});
  }
}

void Driver::start_again(const std::string& why) {
  log_error("drivers", "{}; starting it again in {}", why, seconds_text(restart_wait_));
  if (starts_ >= starts_before_unusable) {
    why_unusable_ = fmt::format("driver {} does not start: {}", config_.name, why);
    while (!jobs_.empty()) finish(jobs_.begin(), {End::not_asked, why_unusable_, {}});
  }
  run_timer_ = around_.timers.after(restart_wait_, [this] {
    ++stat_restarts_;
    start();
  });
  restart_wait_ = std::min(restart_wait_ * 2, around_.waits.last_restart);
  count();
}

void Driver::stop(Milliseconds drain, std::function<void()> stopped) {
  stopped_ = std::move(stopped);
  std::erase_if(jobs_, [](const auto& entry) { return entry.second.where != Where::under_way; });
  count();
  if (jobs_.empty()) return end_program();
  run_timer_ = around_.timers.after(drain, [this] { end_program(); });
}

void Driver::end_program() {
  jobs_.clear();
  run_timer_.reset();
  if (!process_) return std::exchange(stopped_, [] {})();
  process_->close_input();
  run_timer_ = around_.timers.after(around_.waits.end, [this] {
    log_warning("drivers", "{} does not end; sending SIGTERM", config_.name);
    process_->signal(SIGTERM);
    run_timer_ = around_.timers.after(around_.waits.kill, [this] { process_->signal(SIGKILL); });
  });
}

void Driver::count() {
  const int under_way = queues_[0].running() + queues_[1].running();
  stat_under_way_ = under_way;
  stat_waiting_ = static_cast<int>(jobs_.size()) - under_way;
  stat_running_ = ready_;
}

DriverStats Driver::stats() const {
  return {.name = config_.name,
          .running = stat_running_,
          .waiting = stat_waiting_,
          .under_way = stat_under_way_,
          .done = stat_done_,
          .failed = stat_failed_,
          .restarts = stat_restarts_};
}

}  // namespace nubo
