// SPDX-License-Identifier: Apache-2.0
// What scenarios need to be there (machines, hosts, storage, a template) and how they look at it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/daemon.h"
#include "bench/load.h"

namespace nubo::bench {

/// A machine's template text; `padding` bytes of user attributes on top.
std::string vm_template(int number, std::size_t padding = 0);

/// Makes `count` machines on hold with `connections` clients and returns what that took.
LoadResult allocate_vms(const Target& target, int count, int connections,
                        Connection connection = Connection::keep_alive, std::size_t padding = 0);

/// One request per id.
LoadResult for_each_id(const Target& target, const std::vector<int>& ids, int connections,
                       const std::function<Request(int id)>& make);

struct VmState {
  int id = 0;
  int state = 0;
  int lcm_state = 0;

  bool is_running() const { return state == 3 && lcm_state == 3; }

  bool is_waiting() const { return state == 1 || state == 2; }  // PENDING, HOLD
};

/// The machines of a VM_POOL document.
std::vector<VmState> vm_states(std::string_view pool);
Result<std::vector<VmState>> vm_states(const Daemon& daemon);

/// Polls the machines until `is_reached` or `limit`; the polls take a tenth of the time at most.
/// `see` gets each poll. Code::internal when the limit passed.
using States = std::vector<VmState>;
Status watch(const Daemon& daemon, Seconds limit,
             const std::function<bool(const States&)>& is_reached,
             const std::function<void(const States&)>& see = {});

/// Dummy hosts, monitored, and dummy datastores in place of the first ones; with `disks` also an
/// image and a network. Returns the template to instantiate.
enum class Machines { bare, with_disk_and_nic };
Result<int> build_cloud(const Daemon& daemon, int hosts, Machines machines);

}  // namespace nubo::bench
