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
};

/// As one.vmpool.info filters.
enum Filter { any_state = -1, pending_state = 1 };

/// The machines of a VM_POOL document.
std::vector<VmState> vm_states(std::string_view pool);
Result<std::vector<VmState>> vm_states(const Daemon& daemon, int state = any_state);

/// Polls the machines of a state until `is_reached` or `limit`; the polls take a tenth of the time
/// at most, so that the fewer machines there are the sooner the end is seen. Code::internal when
/// the limit passed.
using States = std::vector<VmState>;
Status watch(const Daemon& daemon, Seconds limit,
             const std::function<bool(const States&)>& is_reached, int state = any_state);

/// Dummy hosts, monitored, and dummy datastores in place of the first ones; with `disks` also an
/// image and a network. Returns the template to instantiate.
enum class Machines { bare, with_disk_and_nic };
Result<int> build_cloud(const Daemon& daemon, int hosts, Machines machines);

}  // namespace nubo::bench
