// SPDX-License-Identifier: Apache-2.0
#include "monitor.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "base/numbers.h"
#include "text/template.h"

namespace nubo::dummy {

namespace {

constexpr std::chrono::milliseconds control_period{200};

// What a stock dummy host looks like.
const Values stock_facts{{"ARCH", "x86_64"},
                         {"CPUSPEED", "3200"},
                         {"HYPERVISOR", "dummy"},
                         {"MODELNAME", "Dummy(R) Core @ 3.2GHz"},
                         {"TOTALCPU", "800"},
                         {"TOTALMEMORY", "16777216"},
                         {"DS_LOCATION_USED_MB", "9720"},
                         {"DS_LOCATION_TOTAL_MB", "9999999"},
                         {"DS_LOCATION_FREE_MB", "9999999"}};

const std::map<std::string, std::string, std::less<>> reported_states{
    {"running", "RUNNING"}, {"paused", "SUSPENDED"}, {"off", "POWEROFF"}};

long cpu_percent(const Guest& guest) {
  return static_cast<long>(parse_number<double>(guest.cpu).value_or(0) * 100);
}

long memory_kb(const Guest& guest) {
  return parse_number<long>(guest.memory_mb).value_or(0) * 1024;
}

long fact(const Values& facts, const char* name) {
  return parse_number<long>(facts.at(name)).value_or(0);
}

Vector state_of(const Guest& guest) {
  return {{"ID", std::to_string(guest.vm)},
          {"DEPLOY_ID", guest.deploy_id},
          {"STATE", reported_states.at(guest.state)}};
}

/// What stands in the file of template text that a setting names; nothing when there is none.
void add_file(Template& report, const Values& settings, const char* name) {
  const auto path = settings.find(name);
  if (path == settings.end()) return;
  std::ifstream file(path->second);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (auto more = parse_template(text)) report.merge(*more);
}

const Values& lines_for(const ControlLines& control, const std::string& object) {
  static const Values none;
  const auto found = control.find(object);
  return found == control.end() ? none : found->second;
}

}  // namespace

bool is_down(const ControlLines& control, std::string_view node) {
  for (const std::string_view name : {node, std::string_view("*")}) {
    const Values& lines = lines_for(control, fmt::format("node {}", name));
    if (const auto down = lines.find("DOWN"); down != lines.end())
      return parse_yes_no(down->second).value_or(false);
  }
  return false;
}

Monitor::Monitor(World& world, Control& control, driver::Emit emit)
    : world_(world), control_(control), emit_(std::move(emit)) {}

void Monitor::run(Values facts) {
  facts_ = std::move(facts);
  seen_control_ = control_.lines();
  thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
}

void Monitor::start(const std::string& node, const std::string& host_id,
                    std::chrono::seconds period) {
  const std::lock_guard lock(mutex_);
  watches_.insert_or_assign(node, Watch{host_id, period, {}});
  changed_.notify_all();
}

void Monitor::stop(const std::string& node) {
  const std::lock_guard lock(mutex_);
  watches_.erase(node);
}

void Monitor::loop(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const Time now = std::chrono::steady_clock::now();
    Time next = now + control_period;
    std::vector<std::pair<std::string, std::string>> due;
    for (auto& [node, watch] : watches_) {
      if (watch.next <= now) {
        due.emplace_back(node, watch.host_id);
        watch.next = now + watch.period;
      }
      next = std::min(next, watch.next);
    }
    lock.unlock();
    for (const auto& [node, host_id] : due) report(node, host_id);
    follow_control();
    lock.lock();
    const auto new_watch = [this, now] {
      return std::any_of(watches_.begin(), watches_.end(),
                         [now](const auto& entry) { return entry.second.next < now; });
    };
    changed_.wait_until(lock, stop, next, new_watch);
  }
}

// Nodes that went down or came back and guests that changed by themselves are told at once.
void Monitor::follow_control() {
  const auto control = control_.lines();
  if (control == seen_control_) return;
  const auto before = std::exchange(seen_control_, control);
  for (const auto& [object, lines] : *control) {
    const auto state = lines.find("STATE");
    if (!object.starts_with("vm ") || state == lines.end()) continue;
    auto guest = world_.find(parse_number<int>(object.substr(3)).value_or(-1));
    if (!guest || guest->state == state->second || !reported_states.contains(state->second))
      continue;
    guest->state = state->second;
    world_.put(*guest);
  }
  std::vector<std::pair<std::string, std::string>> watched;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [node, watch] : watches_) watched.emplace_back(node, watch.host_id);
  }
  for (const auto& [node, host_id] : watched) {
    if (is_down(*before, node) != is_down(*control, node)) {
      report(node, host_id);
    } else if (!is_down(*control, node)) {
      report_guests(node, host_id);
    }
  }
}

Values Monitor::facts_of(const std::string& node) {
  Values facts = stock_facts;
  facts.insert_or_assign("HOSTNAME", node);
  const auto control = control_.lines();
  const Values& of_node = lines_for(*control, "node " + node);
  for (auto& [name, value] : facts)
    for (const Values* layer : {&std::as_const(facts_), &of_node})
      if (const auto found = layer->find(name); found != layer->end()) value = found->second;
  return facts;
}

void Monitor::report(const std::string& node, const std::string& host_id) {
  if (is_down(*control_.lines(), node))
    return emit_({"host_error", node, {{"host_id", host_id}, {"error", "cannot reach " + node}}});
  const Values facts = facts_of(node);
  long cpu = 0, memory = 0;
  for (const Guest& guest : world_.on(node)) {
    cpu += cpu_percent(guest);
    memory += memory_kb(guest);
  }
  Template system, monitor;
  for (const auto& [name, value] : facts) system.add(name, value);
  monitor.add("HYPERVISOR", facts.at("HYPERVISOR"));
  monitor.add("USEDCPU", std::to_string(cpu));
  monitor.add("FREECPU", std::to_string(std::max(0L, fact(facts, "TOTALCPU") - cpu)));
  monitor.add("USEDMEMORY", std::to_string(memory));
  monitor.add("FREEMEMORY", std::to_string(std::max(0L, fact(facts, "TOTALMEMORY") - memory)));
  monitor.add("NETRX", "0");
  monitor.add("NETTX", "0");
  add_file(system, facts_, "HOST_SYSTEM");
  add_file(monitor, facts_, "HOST_MONITOR");
  emit_({"host",
         node,
         {{"host_id", host_id}, {"system", to_text(system)}, {"monitor", to_text(monitor)}}});
  report_guests(node, host_id);
}

void Monitor::report_guests(const std::string& node, const std::string& host_id) {
  Template states, statistics;
  for (const Guest& guest : world_.on(node)) {
    states.add("VM", state_of(guest));
    if (guest.state != "running") continue;
    statistics.add("VM", Vector{{"ID", std::to_string(guest.vm)},
                                {"CPU", std::to_string(cpu_percent(guest))},
                                {"MEMORY", std::to_string(memory_kb(guest))},
                                {"NETRX", "0"},
                                {"NETTX", "0"},
                                {"DISKRDBYTES", "0"},
                                {"DISKWRBYTES", "0"},
                                {"DISKRDIOPS", "0"},
                                {"DISKWRIOPS", "0"}});
  }
  emit_({"vm_state", node, {{"host_id", host_id}, {"vms", to_text(states)}, {"complete", "yes"}}});
  if (!statistics.empty())
    emit_({"vm_monitor", node, {{"host_id", host_id}, {"vms", to_text(statistics)}}});
}

}  // namespace nubo::dummy
