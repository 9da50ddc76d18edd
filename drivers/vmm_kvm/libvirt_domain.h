// SPDX-License-Identifier: Apache-2.0
// What the actions do to one domain, on an open connection. Every function may be repeated: it
// looks at what is there first. They block as long as libvirt does: run them under NodeLink::call.
#pragma once

#include <libvirt/libvirt.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "vmm_kvm/libvirt_handles.h"

namespace nubo::kvm {

/// How a request names its guest: by the VM's id, and for imported ones by what libvirt knows it
/// as.
struct DomainId {
  int vm_id = -1;
  std::string deploy_id;  // UUID or name
  std::string node;       // for error texts

  /// "VM 12 on node1"
  std::string title() const;
};

/// The domain, defined or running; nothing when the node has none.
Result<DomainPtr> find_domain(virConnectPtr connection, const DomainId& id);
/// As find_domain(), but a missing or stopped domain is an error.
Result<DomainPtr> running_domain(virConnectPtr connection, const DomainId& id);
std::string uuid_of(const DomainPtr& domain);

/// State as libvirt tells it; domain "absent" is no state.
struct DomainState {
  int state = VIR_DOMAIN_NOSTATE;
  int reason = 0;
};

Result<DomainState> state_of(const DomainPtr& domain);
bool is_active(const DomainState& state);
/// Paused by libvirt for as long as a save, a migration or a start takes.
bool is_in_transit(const DomainState& state);

/// STATE of a vm_state event (sheet vm-lifecycle.md §3.1): RUNNING, SUSPENDED, FAILURE, UNKNOWN,
/// POWEROFF.
std::string monitor_state(const DomainState& state);

/// Starts it; one that runs already is left alone. Gives its UUID.
Result<std::string> create_domain(virConnectPtr connection, const DomainId& id,
                                  const std::string& xml);
/// Asks the guest to power off. Whether it is still there.
Result<bool> request_shutdown(virConnectPtr connection, const DomainId& id);
/// Whether the domain is there and active.
Result<bool> is_running(virConnectPtr connection, const DomainId& id);

enum class Presence : std::uint8_t { absent, in_transit, there };

Result<Presence> presence_of(virConnectPtr connection, const DomainId& id);
/// Ends the guest at once. Whether it is still there (QEMU may hang in I/O): then ask again.
Result<bool> destroy_domain(virConnectPtr connection, const DomainId& id);
Status reboot_domain(virConnectPtr connection, const DomainId& id);
Status reset_domain(virConnectPtr connection, const DomainId& id);
/// Writes memory and state to `checkpoint` on the node and ends the guest. One that is gone already
/// is a success when the checkpoint is whole.
Status save_domain(virConnectPtr connection, const DomainId& id, const std::string& checkpoint);

struct Restore {
  std::string checkpoint;
  std::string system_dir;  // where the VM's disks are now
};

/// Starts the guest from its checkpoint, with the paths of its disks turned to `system_dir`. One
/// that runs already is left alone. Gives its UUID.
Result<std::string> restore_domain(virConnectPtr connection, const DomainId& id,
                                   const Restore& restore);
/// The saved XML with the directory that its metadata names replaced by `system_dir`.
std::string with_system_dir(std::string xml, const std::string& system_dir);

struct Migration {
  std::string target;  // node, for error texts
  std::string uri;     // for the memory's way; "" = where the target's libvirt says
  bool auto_converge = false;
  bool compressed = false;
};

/// Moves a running guest; its disks must be on storage that both nodes see. Gives its UUID.
Result<std::string> migrate_domain(virConnectPtr source, virConnectPtr target, const DomainId& id,
                                   const Migration& migration);
/// Sets the guest's clock through its agent, when it has one.
void sync_guest_clock(virConnectPtr connection, const DomainId& id);
/// Ends a save or migration that is under way.
void abort_job(virConnectPtr connection, const DomainId& id);

}  // namespace nubo::kvm
