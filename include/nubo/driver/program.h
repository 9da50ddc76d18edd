// SPDX-License-Identifier: Apache-2.0
// Program: a driver program but for its subject. Reads requests line by line, keeps a queue per
// node, runs the handlers on worker threads and writes their answers (docs/driver-protocol.md).
//
//   int main() {
//     Program program({.name = "kvm"});
//     Kvm kvm(program.emitter());
//     program.on_configure([&kvm](const Values& settings) { return kvm.configure(settings); });
//     program.on("deploy", [&kvm](const Request& r, Context& c) { return kvm.deploy(r, c); });
//     program.on("probe", [&kvm](const Request& r, Context& c) { return kvm.probe(r, c); },
//                Lane::quick);
//     return program.run();
//   }
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "nubo/driver/context.h"
#include "nubo/driver/message.h"

namespace nubo::driver {

/// The values of a good answer, or the Error whose message becomes the text of the failure. Runs on
/// a worker thread, several at once; ends soon after context.cancelled() says so.
using Handler = std::function<Result<Values>(const Request&, Context&)>;

/// Sends an event. Any thread, as long as the program runs.
using Emit = std::function<void(const Event&)>;

/// Where a request waits. Quick actions (probe, stop of a guest, start of monitoring) have slots of
/// their own, so that they never wait behind work that takes minutes.
enum class Lane { work, quick };

/// How many actions of one lane run at once. The settings MAX_RUNNING and MAX_RUNNING_PER_NODE
/// replace these.
struct Caps {
  int running = 64;
  int per_node = 4;
};

class Program {
 public:
  struct Options {
    std::string name;  // as in the hello line
    Caps caps = {};
    int input = 0;
    int output = 1;
  };

  Program(Options options, const Clock& clock);
  explicit Program(Options options);
  ~Program();

  /// Before run(): the handler of an action. A later one for the same action replaces it.
  void on(std::string action, Handler handler, Lane lane = Lane::work);
  /// Before run(): called with the settings, before any handler. A failure ends the program.
  void on_configure(std::function<Status(const Values&)> configure);
  Emit emitter();

  /// Until the input ends: then asks what runs to stop, waits for it at most 5 s and returns the
  /// exit code. A handler that does not stop in that time ends with the whole process.
  int run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nubo::driver
