// SPDX-License-Identifier: Apache-2.0
#include "cli/wait.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "cli/values.h"

namespace nubo::cli {
namespace {

using std::chrono::milliseconds;

constexpr int default_timeout = 120;
constexpr milliseconds first_pause{50};
constexpr milliseconds longest_pause{1000};

constexpr std::array group{
    Option{"wait", 0, Takes::nothing, "",
           "Wait until the VM is in the state that the command leads to"},
    Option{"timeout", 0, Takes::integer, "seconds", "How long to wait, 120 by default"},
};
constexpr std::array command_group{
    Option{"state", 0, Takes::text, "RUNNING", "State to wait for, or several joined with commas"},
    Option{"timeout", 0, Takes::integer, "seconds", "How long to wait, 120 by default"},
};

constexpr std::array resting{"RUNNING", "POWEROFF", "SUSPENDED", "STOPPED", "UNDEPLOYED"};

std::string state_of(const XmlNode& vm) {
  const std::string state = vm_state_name(number(vm, "STATE"));
  return state == "ACTIVE" ? lcm_state_name(number(vm, "LCM_STATE")) : state;
}

bool is_failure(const std::string& state) {
  return state == "FAILED" || state.ends_with("FAILURE");
}

std::string reason(const XmlNode& vm) {
  const std::string error = get(vm, "USER_TEMPLATE/ERROR");
  const std::string pending = get(vm, "USER_TEMPLATE/SCHED_MESSAGE");
  if (!error.empty()) return ": " + error;
  return pending.empty() ? "" : ": " + pending;
}

// One machine while it is waited for.
class Watch {
 public:
  Watch(int id, const Goal& goal) : id_(id), goal_(goal), states_(split(upper(goal.states), ',')) {}

  /// Whether it is there; an error when it never will be.
  Result<bool> look(const XmlNode& vm) {
    state_ = state_of(vm);
    reason_ = reason(vm);
    if (std::ranges::find(states_, state_) != states_.end()) return arrived(vm);
    if (is_failure(state_))
      return fail(Code::action, "VM {} failed in state {}{}", id_, state_, reason_);
    if (state_ == "DONE")
      return fail(Code::action, "VM {} ended before it was {}", id_, goal_.states);
    const bool rests = std::ranges::find(resting, state_) != resting.end();
    if (goal_.of_action && rests && moved_)
      return fail(Code::action, "VM {} is {}, not {}{}", id_, state_, goal_.states, reason_);
    moved_ = moved_ || !rests;
    return false;
  }

  Failure late(int seconds) const {
    return fail(Code::action, "VM {} is {} after {} s, not {}{}", id_, state_, seconds,
                goal_.states, reason_);
  }

 private:
  Result<bool> arrived(const XmlNode& vm) const {
    const std::vector<XmlNode> history = vm.child("HISTORY_RECORDS").children("HISTORY");
    if (goal_.host < 0 || history.empty() || number(history.back(), "HID") == goal_.host)
      return true;
    return fail(Code::action, "VM {} is {} on host {}, not on host {}{}", id_, state_,
                history.back().get("HOSTNAME"), goal_.host, reason_);
  }

  int id_;
  const Goal& goal_;
  std::vector<std::string> states_;
  std::string state_;
  std::string reason_;
  bool moved_ = false;
};

Status watch(Run& run, int id, const Goal& goal, std::chrono::steady_clock::time_point deadline) {
  Watch machine(id, goal);
  for (milliseconds pause = first_pause;; pause = std::min(pause * 3 / 2, longest_pause)) {
    NUBO_TRY(const XmlDocument document, run.call_for_document("vm.info", {id, false}));
    NUBO_TRY(const bool there, machine.look(document.root()));
    if (there) return ok();
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= milliseconds(0))
      return machine.late(run.options.number("timeout", default_timeout));
    run.shell.pause(std::min(pause, left));
  }
}

}  // namespace

OptionGroup wait_options() { return group; }

OptionGroup wait_command_options() { return command_group; }

Status wait_for(Run& run, const std::vector<int>& machines, const Goal& goal) {
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::seconds(run.options.number("timeout", default_timeout));
  for (const int id : machines) NUBO_CHECK(watch(run, id, goal, deadline));
  return ok();
}

Status wait_if_asked(Run& run, const std::vector<int>& machines, const Goal& goal) {
  return run.options.has("wait") ? wait_for(run, machines, goal) : ok();
}

Result<int> wait_command(Run& run) {
  const std::string states = run.options.find("state").value_or("RUNNING");
  for (const std::string& name : split(upper(states), ',')) {
    bool known = false;
    for (int state = 0; !vm_state_name(state).empty(); ++state)
      known = known || vm_state_name(state) == name;
    for (int state = 0; !lcm_state_name(state).empty(); ++state)
      known = known || lcm_state_name(state) == name;
    if (!known) return fail(Code::api, "There is no state {}", name);
  }
  int code = 0;
  for (const int id : run.targets()) {
    if (const Status status = wait_for(run, {id}, {upper(states), false, -1}); !status) {
      run.error_line(status.error().message);
      code = 255;
    }
  }
  return code;
}

}  // namespace nubo::cli
