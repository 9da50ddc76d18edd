// SPDX-License-Identifier: Apache-2.0
// Driver: one driver program over all its runs: the requests that wait for it, by node, those that
// it works on with their deadlines, and its restarts. Lives on the io thread but for stats().
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "drivers/driver_process.h"
#include "drivers/outcome.h"
#include "drivers/timers.h"
#include "protocol/node_queues.h"

namespace nubo {

class Driver {
 public:
  struct Surroundings {
    boost::asio::io_context& io;
    Timers& timers;
    const DriverListener& listener;
    const DriverWaits& waits;
  };

  Driver(DriverConfig config, Surroundings surroundings);
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  /// Kills the program if it still runs.
  ~Driver();

  void start();
  /// `request.id` is set and unique. `done` is called once, unless stop() comes first.
  void submit(driver::Request request, Done done);
  /// Whether the request was known.
  bool cancel(std::int64_t id);
  /// Drops what waits, lets what runs end within `drain`, ends the program and calls `stopped`.
  void stop(Milliseconds drain, std::function<void()> stopped);

  /// Any thread.
  DriverStats stats() const;

 private:
  enum class Where { before_hello, waiting, under_way };

  struct Job {
    driver::Request request;
    Done done;
    Where where = Where::before_hello;
    driver::Lane lane = driver::Lane::work;
    bool cancelled = false;
    Timer timer;  // of its wait, then of its deadline
  };

  using Jobs = std::map<std::int64_t, Job>;
  using Queues = driver::NodeQueues<std::int64_t>;

  Queues& queues_of(const Job& job) { return queues_[static_cast<std::size_t>(job.lane)]; }

  void take(driver::FromDriver message);
  void take(const driver::Hello& hello);
  void take(driver::Answer answer);
  void take(const driver::Progress& progress);
  void take(const driver::Event& event);
  void ended(const std::string& why);
  void fail_under_way(const std::string& why);
  void start_again(const std::string& why);
  void enqueue(Job& job);
  void pump();
  void give(Jobs::iterator place);
  driver::Values settings() const;
  void expire(std::int64_t id);
  void waited_too_long(std::int64_t id);
  void finish(Jobs::iterator place, Outcome outcome);
  void end_program();
  void count();

  const DriverConfig config_;
  const Surroundings around_;
  std::shared_ptr<DriverProcess> process_;
  bool ready_ = false;        // this run has said hello
  bool ever_ready_ = false;   // some run has: quick_ is known
  int starts_ = 0;            // since the last hello
  std::string why_unusable_;  // set while the program cannot be started
  Milliseconds restart_wait_;
  std::set<std::string, std::less<>> quick_;
  Jobs jobs_;
  std::array<Queues, 2> queues_;   // by lane: ids of jobs_
  std::function<void()> stopped_;  // set: stop() was called
  Timer run_timer_;                // of the program's run: hello, settled, restart, end
  std::atomic<bool> stat_running_{false};
  std::atomic<int> stat_waiting_{0}, stat_under_way_{0};
  std::atomic<long long> stat_done_{0}, stat_failed_{0}, stat_restarts_{0};
};

}  // namespace nubo
