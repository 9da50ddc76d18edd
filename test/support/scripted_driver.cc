// SPDX-License-Identifier: Apache-2.0
// A driver program that behaves as the tests of the daemon's side need it: well, or badly in one
// particular way. How it starts is its argument; what it does with a request is the action.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "nubo/driver/message.h"

namespace {

using nubo::driver::Answer;
using nubo::driver::Cancel;
using nubo::driver::Configure;
using nubo::driver::Event;
using nubo::driver::FromDriver;
using nubo::driver::Hello;
using nubo::driver::Progress;
using nubo::driver::Request;
using nubo::driver::Values;

Values settings;

void say(const FromDriver& message) { std::cout << encode(message) << std::endl; }

void answer(const Request& request, Values data = {}) {
  say(Answer{request.id, true, "", std::move(data)});
}

void echo(const Request& request) { answer(request, request.args); }

void fail(const Request& request) { say(Answer{request.id, false, "no space left", {}}); }

void die(const Request&) { std::_Exit(3); }

void answer_and_die(const Request& request) {
  answer(request);
  std::_Exit(3);
}

void ignore(const Request&) {}

void garbage(const Request& request) {
  for (int i = 0; i < 100; ++i) std::cout << "\xff\xfe{\"answer\":[[[\n";
  answer(request);
}

void much_garbage(const Request&) {
  for (int i = 0; i < 2000; ++i) std::cout << "x\n";
  std::cout << std::flush;
}

void endless_line(const Request&) {
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) std::cout << piece;
  std::cout << std::flush;
}

void flood(const Request& request) {
  for (int i = 0; i < 2000; ++i) say(Event{"noise", "", {{"n", std::to_string(i)}}});
  answer(request);
}

void progress(const Request& request) {
  say(Progress{request.id, "half"});
  answer(request);
}

void event(const Request& request) {
  say(Event{"vm_state", request.node, request.args});
  answer(request);
}

void twice(const Request& request) {
  answer(request);
  answer(request);
}

void close_output(const Request&) { ::close(1); }

void deaf(const Request&) {
  while (true) ::pause();
}

void deaf_to_signals(const Request& request) {
  std::signal(SIGTERM, SIG_IGN);
  answer(request);
  deaf(request);
}

void say_settings(const Request& request) { answer(request, settings); }

using Handler = void (*)(const Request&);

const std::map<std::string, Handler, std::less<>> actions{{"echo", echo},
                                                          {"fail", fail},
                                                          {"die", die},
                                                          {"answer_and_die", answer_and_die},
                                                          {"ignore", ignore},
                                                          {"peek", echo},
                                                          {"garbage", garbage},
                                                          {"much_garbage", much_garbage},
                                                          {"endless_line", endless_line},
                                                          {"flood", flood},
                                                          {"progress", progress},
                                                          {"event", event},
                                                          {"twice", twice},
                                                          {"close_output", close_output},
                                                          {"deaf", deaf},
                                                          {"deaf_to_signals", deaf_to_signals},
                                                          {"settings", say_settings}};

void take(const Request& request) { actions.at(request.action)(request); }

void take(const Configure& message) { settings = message.settings; }

void take(const Cancel& message) { say(Answer{message.id, false, "stopped", {}}); }

}  // namespace

int main(int argc, char** argv) {
  const std::string start = argc > 1 ? argv[1] : "";
  if (start == "dies") return 4;
  if (start == "silent") deaf({});
  if (start == "rude") say(Answer{1, true, "", {}});
  std::cerr << "scripted driver starts" << std::endl;
  say(Hello{"scripted", start == "future" ? 2 : 1, {"peek"}});
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto message = nubo::driver::decode_to_driver(line);
    if (!message) return 5;
    std::visit([](const auto& one) { take(one); }, *message);
  }
  return 0;
}
