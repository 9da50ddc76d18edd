// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/monitor.h"

#include <algorithm>

#include "base/log.h"
#include "base/numbers.h"

namespace nubo::kvm {
namespace {

using driver::Context;
using driver::Request;
using driver::Values;

constexpr Milliseconds retry_interval{2'000};  // of a node that does not answer
constexpr Milliseconds event_limit{5'000};     // to ask for the state after an event
constexpr Milliseconds room_limit{5'000};      // for the datastores' file systems
constexpr std::size_t most_events = 10'000;    // waiting; the next list says the rest

std::string argument(const Request& request, std::string_view name) {
  const auto found = request.args.find(name);
  return found == request.args.end() ? std::string() : found->second;
}

}  // namespace

HostMonitor::HostMonitor(const MonitorParts& parts, MonitorOrder order)
    : parts_(parts),
      order_(std::move(order)),
      link_(parts.links.of(order_.node)),
      last_answer_(parts.clock.steady()),
      next_poll_(last_answer_) {
  link_->listen([this](const DomainEvent& event) {
    const std::lock_guard lock(mutex_);
    if (events_.size() < most_events) events_.push_back(event);
    changed_.notify_all();
  });
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

HostMonitor::~HostMonitor() {
  thread_.request_stop();
  thread_.join();
  link_->listen({});
}

void HostMonitor::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::optional<DomainEvent> event;
    {
      std::unique_lock lock(mutex_);
      const Milliseconds wait = std::max(next_poll_ - parts_.clock.steady(), Milliseconds::zero());
      changed_.wait_for(lock, stop, wait, [this] { return !events_.empty(); });
      if (!events_.empty()) {
        event = std::move(events_.front());
        events_.pop_front();
      }
    }
    if (stop.stop_requested()) return;
    if (event) handle(*event, stop);
    if (parts_.clock.steady() >= next_poll_) poll(stop);
  }
}

void HostMonitor::emit(const char* name, Values data) {
  data.emplace("host_id", order_.host_id);
  parts_.emit({name, order_.node, std::move(data)});
}

void HostMonitor::poll(const std::stop_token& stop) {
  const SteadyTime start = parts_.clock.steady();
  const Context context({.deadline = start + parts_.settings.host_timeout, .stop = stop},
                        parts_.clock);
  const Status reported = report(context);
  if (stop.stop_requested()) return;
  if (reported) {
    last_answer_ = parts_.clock.steady();
    has_answered_ = true;
    was_failed_ = false;
    next_poll_ = start + order_.period;
  } else {
    capabilities_.reset();
    failed(reported.error());
    next_poll_ = parts_.clock.steady() + std::min(order_.period, retry_interval);
  }
}

// A node that was well may miss a beat; one that never answered is told of at once.
void HostMonitor::failed(const Error& error) {
  const SteadyTime now = parts_.clock.steady();
  if (has_answered_ && now - last_answer_ < parts_.settings.host_timeout) return;
  if (was_failed_ && now - last_error_ < order_.period) return;
  was_failed_ = true;
  last_error_ = now;
  emit("host_error", {{"error", error.message}});
}

Result<Template> HostMonitor::capabilities(const Context& context) {
  const std::string hypervisor = parts_.settings.hypervisor;
  return link_->call<Template>(context, [hypervisor](virConnectPtr c) -> Result<Template> {
    Template facts;
    const TextPtr host(virConnectGetCapabilities(c));
    if (!host) return libvirt_failure("cannot read libvirt's capabilities");
    NUBO_CHECK(add_capabilities(host.get(), hypervisor, facts));
    const TextPtr domain(
        virConnectGetDomainCapabilities(c, nullptr, nullptr, nullptr, hypervisor.c_str(), 0));
    if (domain) add_processor_models(domain.get(), facts);
    return facts;
  });
}

Status HostMonitor::report(const Context& context) {
  if (!capabilities_) {
    NUBO_TRY(Template facts, capabilities(context));
    capabilities_ = std::move(facts);
  }
  NUBO_CHECK(link_->watch(context));
  NUBO_TRY(const std::vector<Guest> guests, send_states(context));
  NUBO_CHECK(send_host(guests, context));
  emit("vm_monitor", {{"vms", use_.text(guests, parts_.clock.steady())}});
  return ok();
}

// Read again while guests come: see Arrivals.
Result<std::vector<Guest>> HostMonitor::send_states(const Context& context) {
  while (true) {
    const std::uint64_t mark = parts_.arrivals.mark(order_.node);
    NUBO_TRY(std::vector<Guest> guests, link_->call<std::vector<Guest>>(context, &read_guests));
    const bool was_sent = parts_.arrivals.send_unless_stale(order_.node, mark, [&] {
      emit("vm_state", {{"vms", states_text(guests)}, {"complete", "yes"}});
    });
    if (was_sent) return guests;
  }
}

Status HostMonitor::send_host(const std::vector<Guest>& guests, const Context& context) {
  NUBO_TRY(const std::string output,
           parts_.nodes.output(order_.node, {.script = facts_script()}, context));
  const Context brief({.deadline = std::min(context.deadline(), parts_.clock.steady() + room_limit),
                       .stop = context.stop_token()},
                      parts_.clock);
  const auto room =
      parts_.nodes.output(order_.node, {.script = room_script(order_.datastore_location)}, brief);
  if (room) room_ = *room;
  const Sections sections = parse_sections(output);
  Template system = *capabilities_;
  add_static_facts(sections, system);
  add_room(room_, system);
  system.set("HYPERVISOR", parts_.settings.hypervisor);
  system.set("VERSION", parts_.settings.version);
  Template load;
  load.set("HYPERVISOR", parts_.settings.hypervisor);
  add_load(sections, ticks_, load);
  ticks_ = parse_ticks(sections);
  std::string text = to_text(system);
  const std::string wilds = wilds_text(guests, parts_.settings.hypervisor);
  if (!wilds.empty()) text += (text.ends_with('\n') ? "" : "\n") + wilds;
  emit("host", {{"system", std::move(text)}, {"monitor", to_text(load)}});
  return ok();
}

// What is true after the event, in the words of vm_state; "" when it is nothing to tell.
Result<std::string> HostMonitor::state_after(const DomainEvent& event,
                                             const std::stop_token& stop) {
  if (event.event == VIR_DOMAIN_EVENT_STOPPED) {
    // Elsewhere or on disk: the action that did it says what that means.
    const bool goes_on = event.detail == VIR_DOMAIN_EVENT_STOPPED_MIGRATED ||
                         event.detail == VIR_DOMAIN_EVENT_STOPPED_SAVED;
    return std::string(goes_on ? "" : "POWEROFF");
  }
  const Context context({.deadline = parts_.clock.steady() + event_limit, .stop = stop},
                        parts_.clock);
  const DomainId id{vm_id_of(event.name).value_or(-1), event.uuid, order_.node};
  return link_->call<std::string>(context, [id](virConnectPtr c) -> Result<std::string> {
    NUBO_TRY(const DomainPtr domain, find_domain(c, id));
    if (!domain) return std::string();
    NUBO_TRY(const DomainState state, state_of(domain));
    return is_active(state) ? monitor_state(state) : std::string();
  });
}

void HostMonitor::handle(const DomainEvent& event, const std::stop_token& stop) {
  const auto id = vm_id_of(event.name);
  const bool tells =
      event.event == VIR_DOMAIN_EVENT_STARTED || event.event == VIR_DOMAIN_EVENT_RESUMED ||
      event.event == VIR_DOMAIN_EVENT_SUSPENDED || event.event == VIR_DOMAIN_EVENT_STOPPED ||
      event.event == VIR_DOMAIN_EVENT_PMSUSPENDED || event.event == VIR_DOMAIN_EVENT_CRASHED;
  if (!id || !tells) return;
  const auto state = state_after(event, stop);
  if (!state || state->empty()) return;
  Template text;
  text.add("VM", Vector{{"ID", std::to_string(*id)}, {"DEPLOY_ID", event.uuid}, {"STATE", *state}});
  emit("vm_state", {{"vms", to_text(text)}});
}

Result<Values> Monitors::start(const Request& request, Context&) {
  MonitorOrder order{
      .node = request.node,
      .host_id = argument(request, "host_id"),
      .period = std::chrono::seconds(parse_number<int>(argument(request, "period_s")).value_or(0)),
      .datastore_location = argument(request, "datastore_location")};
  if (order.host_id.empty() || order.period < std::chrono::seconds(1)) {
    return fail(Code::internal, "start_monitor needs host_id and period_s");
  }
  const std::lock_guard lock(mutex_);
  std::unique_ptr<HostMonitor>& monitor = monitors_[order.host_id];
  monitor.reset();  // asked again it reports at once
  monitor = std::make_unique<HostMonitor>(parts_, std::move(order));
  return Values{};
}

Result<Values> Monitors::stop(const Request& request, Context&) {
  const std::lock_guard lock(mutex_);
  monitors_.erase(argument(request, "host_id"));
  return Values{};
}

}  // namespace nubo::kvm
