// SPDX-License-Identifier: Apache-2.0
#include "flow/monitor.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "flow/host_report.h"
#include "flow/vm_step.h"

namespace nubo {
namespace {

constexpr Milliseconds tell_deadline{30'000};
constexpr Milliseconds probe_deadline{30'000};
constexpr Milliseconds datastore_deadline{60'000};

struct SeenRow {
  std::string_view reported;
  VmEvent event;
};

constexpr std::array seen_rows{
    SeenRow{"RUNNING", VmEvent::seen_running},     SeenRow{"FAILURE", VmEvent::seen_failure},
    SeenRow{"SUSPENDED", VmEvent::seen_suspended}, SeenRow{"POWEROFF", VmEvent::seen_poweroff},
    SeenRow{"running", VmEvent::seen_running},     SeenRow{"paused", VmEvent::seen_suspended},
    SeenRow{"off", VmEvent::seen_poweroff},        SeenRow{"absent", VmEvent::seen_poweroff},
};

/// The ids of all objects of a kind that the snapshot holds.
template <class T>
std::vector<int> ids_of(const Snapshot& snapshot) {
  std::vector<int> ids;
  snapshot.pool<T>().for_each(
      [&ids](const Entry<T>& entry) { ids.push_back(entry.object.id.value); });
  return ids;
}

std::optional<VmEvent> seen_event(std::string_view reported) {
  const auto row = std::ranges::find(seen_rows, reported, &SeenRow::reported);
  return row == seen_rows.end() ? std::nullopt : std::optional(row->event);
}

std::string value_of(const driver::Values& values, std::string_view key) {
  const auto found = values.find(key);
  return found == values.end() ? "" : found->second;
}

/// The template in a report; one that cannot be read is logged and changes nothing.
std::optional<Template> template_of(const driver::Event& event, std::string_view key) {
  auto parsed = parse_template(value_of(event.data, key));
  if (parsed) return std::move(*parsed);
  log_warning("flow", "report {} of node {}: {}", event.name, event.node, parsed.error().message);
  return std::nullopt;
}

bool has_work_under_way(const Snapshot& snapshot, VmId id) {
  return !snapshot.effects().of("vm", id.value).empty();
}

bool may_be_missing(const Vm& vm) {
  return vm.state == VmState::active &&
         (vm.lcm_state == LcmState::running || vm.lcm_state == LcmState::unknown);
}

void log_health(const Commit& commit, HostId id) {
  const Ptr<Host> before = commit.before->find<Host>(id);
  const Ptr<Host> now = commit.snapshot->find<Host>(id);
  const bool was_sick = before && before->state == HostState::error;
  const bool is_sick = now && now->state == HostState::error;
  if (is_sick && !was_sick) {
    log_warning("flow", "host {} is in error: {}", now->name, now->attributes.get("ERROR"));
  }
  if (now && was_sick && now->state == HostState::monitored) {
    log_info("flow", "host {} is well again", now->name);
  }
}

Status apply_seen(Draft& draft, VmId id, HostId host, VmEvent event, const std::string& deploy_id) {
  const Vm* known = draft.find<Vm>(id);
  const bool applies = known && known->current() && known->current()->host_id == host &&
                       find_row(known->states(), event) && !has_work_under_way(draft.view(), id);
  if (!applies) return ok();
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(id));
  if (event == VmEvent::seen_running && !deploy_id.empty()) vm->deploy_id = deploy_id;
  return step(draft, id, event);
}

Status apply_room(Draft& draft, DatastoreId id, const driver::Values& room) {
  const Datastore* known = draft.find<Datastore>(id);
  if (!known) return ok();
  const auto mb = [&](const char* key) {
    return parse_number<long long>(value_of(room, key)).value_or(0);
  };
  const long long total = mb("total_mb");
  const long long used = mb("used_mb");
  const long long free = mb("free_mb");
  if (known->total_mb == total && known->used_mb == used && known->free_mb == free) return ok();
  NUBO_TRY(Datastore* const datastore, draft.edit<Datastore>(id));
  datastore->total_mb = total;
  datastore->used_mb = used;
  datastore->free_mb = free;
  return ok();
}

bool is_enabled_by(const Commit& commit, HostId id) {
  const Ptr<Host> before = commit.before->find<Host>(id);
  const Ptr<Host> now = commit.snapshot->find<Host>(id);
  return before && now && before->state != HostState::init && now->state == HostState::init;
}

}  // namespace

Monitor::Monitor(Writer& writer, DriverCalls& drivers, Timers& timers, Post post,
                 MonitoringLog& log, const Clock& clock, MonitorSettings settings)
    : writer_(writer), drivers_(drivers), timers_(timers), post_(std::move(post)), log_(log),
      clock_(clock), settings_(std::move(settings)) {}

void Monitor::start() {
  const SnapshotPtr snapshot = writer_.snapshot();
  snapshot->pool<Host>().for_each(
      [&](const Entry<Host>& entry) { follow(entry.object.id, *snapshot); });
  log_.recall(Monitored::host, ids_of<Host>(*snapshot));
  log_.recall(Monitored::vm, ids_of<Vm>(*snapshot));
  check_silence();
  check_datastores();
}

void Monitor::committed(const Commit& commit) {
  for (const TouchedObject& touched : commit.touched) {
    if (touched.type == ObjectType::host) {
      const HostId id{touched.id};
      const bool was_watched = watched_.contains(id);
      follow(id, *commit.snapshot);
      // It shall not wait for the next report before machines are placed there again.
      if (was_watched && is_enabled_by(commit, id)) tell(id, watched_.at(id), "start_monitor");
      log_health(commit, id);
    }
    if (touched.type == ObjectType::vm && !commit.snapshot->pool<Vm>().entry(VmId{touched.id})) {
      log_.retire(Monitored::vm, touched.id);
    }
    if (touched.type != ObjectType::datastore) continue;
    const DatastoreId id{touched.id};
    const Ptr<Datastore> before = commit.before->find<Datastore>(id);
    const Ptr<Datastore> now = commit.snapshot->find<Datastore>(id);
    if (now && !(before && before->attributes == now->attributes)) ask_datastore(*now);
  }
}

void Monitor::driver_started(const std::string& driver) {
  for (auto& [id, watched] : watched_) {
    if (watched.driver != driver) continue;
    watched.last_report = clock_.now();
    tell(id, watched, "start_monitor");
  }
}

void Monitor::follow(HostId id, const Snapshot& snapshot) {
  const Ptr<Host> host = snapshot.find<Host>(id);
  const auto known = watched_.find(id);
  if (!host || host->state == HostState::offline) {
    if (known == watched_.end()) return;
    tell(id, known->second, "stop_monitor");
    watched_.erase(known);
    if (!host) log_.forget(Monitored::host, id.value);
    return;
  }
  const bool same = known != watched_.end() && known->second.driver == host->im_mad &&
                    known->second.node == host->name;
  if (same) return;
  if (known != watched_.end()) tell(id, known->second, "stop_monitor");
  const Watched watched{host->im_mad, host->name, clock_.now()};
  watched_[id] = watched;
  tell(id, watched, "start_monitor");
}

void Monitor::tell(HostId id, const Watched& watched, const char* action) {
  driver::Request request{.id = 0,
                          .action = action,
                          .object = {"host", id.value},
                          .node = watched.node,
                          .deadline = tell_deadline,
                          .args = {{"host_id", std::to_string(id.value)},
                                   {"period_s", std::to_string(settings_.host_period.count())},
                                   {"datastore_location", settings_.datastore_location}}};
  drivers_.submit(watched.driver, std::move(request), [this, id, action](Outcome outcome) {
    if (outcome.ok()) return;
    log_warning("flow", "{} of host {}: {}", action, id, outcome.error);
    if (std::string_view(action) == "start_monitor") host_failed(id, outcome.error);
  });
}

void Monitor::check_silence() {
  const EpochSeconds now = clock_.now();
  EpochSeconds longest{};
  for (auto& [id, watched] : watched_) {
    longest = std::max(longest, now - watched.last_report);
    if (now - watched.last_report < settings_.host_timeout) continue;
    host_failed(id, fmt::format("no report of node {} for {} s", watched.node,
                                (now - watched.last_report).count()));
  }
  longest_silence_ = longest;
  if (settings_.keep.count() > 0) {
    log_.expire(Monitored::host, now - settings_.keep);
    log_.expire(Monitored::vm, now - settings_.keep);
  }
  silence_timer_ = timers_.after(std::max<Milliseconds>(settings_.host_timeout / 4, Milliseconds{500}),
                                 [this] { check_silence(); });
}

void Monitor::check_datastores() {
  const SnapshotPtr snapshot = writer_.snapshot();
  snapshot->pool<Datastore>().for_each(
      [&](const Entry<Datastore>& entry) { ask_datastore(entry.object); });
  datastore_timer_ = timers_.after(settings_.datastore_period, [this] { check_datastores(); });
}

void Monitor::ask_datastore(const Datastore& datastore) {
  const bool system = datastore.kind == DatastoreType::system;
  if (system && !datastore.attributes.yes("SHARED", true)) return;  // its hosts report it
  driver::Request request{.id = 0,
                          .action = "monitor",
                          .object = {"datastore", datastore.id.value},
                          .node = "",
                          .deadline = datastore_deadline,
                          .args = {{"datastore", to_xml(Datastore::root, settings_.secrets.revealed(datastore), Form::stored)},
                                   {"path", datastore.base_path}}};
  const DatastoreId id = datastore.id;
  drivers_.submit(system ? "tm" : "datastore", std::move(request), [this, id](Outcome outcome) {
    if (!outcome.ok()) {
      log_warning("flow", "monitoring of datastore {}: {}", id, outcome.error);
      return;
    }
    submit(Change("datastore.monitor", [id, room = std::move(outcome.data)](Draft& draft) {
      return apply_room(draft, id, room);
    }));
  });
}

void Monitor::reported(const std::string& driver, const driver::Event& event) {
  const HostId id{parse_number<int>(value_of(event.data, "host_id")).value_or(-1)};
  const auto known = watched_.find(id);
  if (known == watched_.end() || known->second.driver != driver) return;
  if (event.name == "host_error") return host_failed(id, value_of(event.data, "error"));
  known->second.last_report = clock_.now();
  if (event.name == "host") return host_reported(id, event);
  if (event.name == "vm_state") return vms_reported(id, event);
  if (event.name == "vm_monitor") return vms_monitored(event);
  log_warning("flow", "driver {} sent an unknown event {}", driver, event.name);
}

void Monitor::host_reported(HostId id, const driver::Event& event) {
  auto system = template_of(event, "system");
  if (!system) return;
  submit(Change("host.report", [id, system = std::move(*system)](Draft& draft) {
    return apply_host_report(draft, id, system);
  }));
  const auto figures = template_of(event, "monitor");
  if (!figures || settings_.keep.count() == 0) return;
  const EpochSeconds now = clock_.now();
  log_.append(Monitored::host, {{id.value, now, host_monitoring(id, now, *figures)}});
}

void Monitor::host_failed(HostId id, const std::string& error) {
  const Ptr<Host> host = writer_.snapshot()->find<Host>(id);
  if (!host || host->state == HostState::error) return;
  submit(Change("host.failure",
                [id, error](Draft& draft) { return apply_host_failure(draft, id, error); }));
}

void Monitor::vms_reported(HostId id, const driver::Event& event) {
  const auto report = template_of(event, "vms");
  if (!report) return;
  const SnapshotPtr snapshot = writer_.snapshot();
  std::set<VmId> present;
  for (const Vector* row : report->vectors("VM")) {
    const VmId vm_id{row->number<int>("ID").value_or(-1)};
    present.insert(vm_id);
    const Ptr<Vm> vm = snapshot->find<Vm>(vm_id);
    const auto seen_now = seen_event(row->get("STATE"));
    if (!vm || !seen_now || !vm->current() || vm->current()->host_id != id) continue;
    seen(*vm, *seen_now, row->get("DEPLOY_ID"), false);
  }
  const Ptr<Host> host = snapshot->find<Host>(id);
  if (!host || value_of(event.data, "complete") != "yes") return;
  for (const VmId vm_id : host->vms) {
    const Ptr<Vm> vm = snapshot->find<Vm>(vm_id);
    const bool missing = vm && !present.contains(vm_id) && may_be_missing(*vm);
    if (missing && !has_work_under_way(*snapshot, vm_id)) probe(*vm);
  }
}

void Monitor::vms_monitored(const driver::Event& event) {
  const auto report = template_of(event, "vms");
  if (!report || settings_.keep.count() == 0) return;
  const EpochSeconds now = clock_.now();
  const SnapshotPtr snapshot = writer_.snapshot();
  std::vector<MonitoringRecord> records;
  for (const Vector* row : report->vectors("VM")) {
    const VmId id{row->number<int>("ID").value_or(-1)};
    if (snapshot->pool<Vm>().entry(id)) records.push_back({id.value, now, vm_monitoring(now, *row)});
  }
  if (!records.empty()) log_.append(Monitored::vm, std::move(records));
}

void Monitor::seen(const Vm& vm, VmEvent event, const std::string& deploy_id, bool certain) {
  const bool changes = find_row(vm.states(), event) != nullptr;
  if (!changes || has_work_under_way(*writer_.snapshot(), vm.id)) return;
  const History& record = *vm.current();
  const EpochSeconds changed = std::max(record.running_start, record.running_end);
  if (!certain && clock_.now() - changed < settings_.trusted_after) return probe(vm);
  apply(vm.id, record.host_id, event, deploy_id);
}

void Monitor::probe(const Vm& vm) {
  if (!probing_.insert(vm.id).second) return;
  const History& record = *vm.current();
  driver::Request request{.id = 0,
                          .action = "probe",
                          .object = {"vm", vm.id.value},
                          .node = record.hostname,
                          .deadline = probe_deadline,
                          .args = {{"deploy_id", vm.deploy_id},
                                   {"vm_id", std::to_string(vm.id.value)}}};
  drivers_.submit(record.vm_mad, std::move(request), [this, id = vm.id](Outcome outcome) {
    probing_.erase(id);
    const Ptr<Vm> now = writer_.snapshot()->find<Vm>(id);
    const auto found = seen_event(value_of(outcome.data, "state"));
    if (!outcome.ok() || !now || !now->current() || !found) return;
    seen(*now, *found, value_of(outcome.data, "deploy_id"), true);
  });
}

void Monitor::apply(VmId id, HostId host, VmEvent event, const std::string& deploy_id) {
  log_info("flow", "VM {}: {}", id, name_of(event));
  submit(Change("vm.seen", [=](Draft& draft) {
    return apply_seen(draft, id, host, event, deploy_id);
  }));
}

void Monitor::submit(Change change) {
  const std::string name = change.name();
  writer_.submit(std::move(change), [name](const Status& status, const SnapshotPtr&) {
    if (!status) log_error("flow", "{}: {}", name, status.error().message);
  });
}

}  // namespace nubo
