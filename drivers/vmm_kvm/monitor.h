// SPDX-License-Identifier: Apache-2.0
// HostMonitor: watches one node on a thread of its own and sends its events
// (docs/driver-protocol.md): what happens to a guest at once; the node's and the guests' figures
// and the whole list of guests each period; host_error while the node does not answer. Monitors
// keeps one for every host that oned asked for.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "nubo/driver/program.h"
#include "ssh/nodes.h"
#include "vmm_kvm/arrivals.h"
#include "vmm_kvm/guests.h"
#include "vmm_kvm/libvirt_connection.h"
#include "vmm_kvm/links.h"
#include "vmm_kvm/node_facts.h"
#include "vmm_kvm/settings.h"

namespace nubo::kvm {

struct MonitorParts {
  const Settings& settings;
  const Clock& clock;
  Links& links;
  ssh::Nodes& nodes;
  Arrivals& arrivals;
  driver::Emit emit;
};

/// What start_monitor asks for.
struct MonitorOrder {
  std::string node;
  std::string host_id;
  Milliseconds period{};
  std::string datastore_location;
};

class HostMonitor {
 public:
  HostMonitor(const MonitorParts& parts, MonitorOrder order);
  HostMonitor(const HostMonitor&) = delete;
  HostMonitor& operator=(const HostMonitor&) = delete;
  /// Stops; waits for the thread, which does not wait for the node.
  ~HostMonitor();

 private:
  void run(const std::stop_token& stop);
  void poll(const std::stop_token& stop);
  Status report(const driver::Context& context);
  Status send_host(const std::vector<Guest>& guests, const driver::Context& context);
  Result<std::vector<Guest>> send_states(const driver::Context& context);
  Result<Template> capabilities(const driver::Context& context);
  void failed(const Error& error);
  void handle(const DomainEvent& event, const std::stop_token& stop);
  Result<std::string> state_after(const DomainEvent& event, const std::stop_token& stop);
  void emit(const char* name, driver::Values data);

  const MonitorParts& parts_;
  const MonitorOrder order_;
  const std::shared_ptr<NodeLink> link_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<DomainEvent> events_;  // not yet looked at

  // Of the thread alone:
  SteadyTime last_answer_{};
  SteadyTime last_error_{};
  SteadyTime next_poll_{};
  bool has_answered_ = false;
  bool was_failed_ = false;
  CpuTicks ticks_;
  UseReport use_;
  std::string room_;                      // last output of room_script()
  std::optional<Template> capabilities_;  // asked once per connection of libvirt
  std::jthread thread_;
};

class Monitors {
 public:
  explicit Monitors(MonitorParts parts) : parts_(std::move(parts)) {}

  Result<driver::Values> start(const driver::Request& request, driver::Context& context);
  Result<driver::Values> stop(const driver::Request& request, driver::Context& context);

 private:
  const MonitorParts parts_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<HostMonitor>> monitors_;  // by host id
};

}  // namespace nubo::kvm
