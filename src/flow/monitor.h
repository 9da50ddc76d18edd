// SPDX-License-Identifier: Apache-2.0
// Monitor: which nodes are watched, and what their reports change: capacity, states of hosts, states
// of VMs, the monitoring log; and the room of datastores. A node that says nothing for too long has
// failed. Reports about a VM with work under way are left to that work; those that contradict a
// state that is seconds old are first checked with a probe. Lives on the io thread.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "auth/secret_attributes.h"
#include "drivers/outcome.h"
#include "drivers/timers.h"
#include "flow/post.h"
#include "model/vm_machine.h"
#include "store/monitoring_log.h"
#include "store/writer.h"

namespace nubo {

struct MonitorSettings {
  std::chrono::seconds host_period{30};      // of a node's reports
  std::chrono::seconds host_timeout{120};    // without a report: ERROR
  std::chrono::seconds datastore_period{300};
  EpochSeconds trusted_after{30};            // since the VM began to run or stopped
  EpochSeconds keep{43'200};                 // monitoring records; 0: none are kept
  std::string datastore_location = "/var/lib/one/datastores";
  SecretAttributes secrets;
};

class Monitor {
 public:
  Monitor(Writer& writer, DriverCalls& drivers, Timers& timers, Post post, MonitoringLog& log,
          const Clock& clock, MonitorSettings settings);

  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  /// Watches every host that is there and begins with the datastores.
  void start();
  /// Follows hosts that were made, changed or erased, and datastores that are new or have another
  /// template.
  void committed(const Commit& commit);
  void reported(const std::string& driver, const driver::Event& event);
  /// A driver program has started again: it is told its hosts anew.
  void driver_started(const std::string& driver);

  /// Since the last report of the host that said nothing for longest, as the last look at all hosts
  /// found it. Any thread.
  std::chrono::seconds longest_silence() const { return longest_silence_.load(); }

 private:
  struct Watched {
    std::string driver;
    std::string node;
    EpochSeconds last_report{};

    bool operator==(const Watched&) const = default;
  };

  void follow(HostId id, const Snapshot& snapshot);
  void tell(HostId id, const Watched& watched, const char* action);
  void check_silence();
  void check_datastores();
  void ask_datastore(const Datastore& datastore);

  void host_reported(HostId id, const driver::Event& event);
  void host_failed(HostId id, const std::string& error);
  void vms_reported(HostId id, const driver::Event& event);
  void vms_monitored(const driver::Event& event);
  void seen(const Vm& vm, VmEvent event, const std::string& deploy_id, bool certain);
  void probe(const Vm& vm);
  void apply(VmId id, HostId host, VmEvent event, const std::string& deploy_id);
  void submit(Change change);

  Writer& writer_;
  DriverCalls& drivers_;
  Timers& timers_;
  const Post post_;
  MonitoringLog& log_;
  const Clock& clock_;
  const MonitorSettings settings_;
  std::map<HostId, Watched> watched_;
  std::set<VmId> probing_;
  std::atomic<std::chrono::seconds> longest_silence_{};
  Timer silence_timer_;
  Timer datastore_timer_;
};

}  // namespace nubo
