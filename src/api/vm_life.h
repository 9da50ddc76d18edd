// SPDX-License-Identifier: Apache-2.0
// The calls that make VMs and move them through their lives: rows for the table of calls.
#pragma once

#include <vector>

#include "api/calls.h"
#include "flow/caller.h"

namespace nubo::api {

/// one.vm.allocate, one.template.instantiate.
std::vector<Call> vm_making_calls();

/// one.vm.action, deploy, migrate, recover.
std::vector<Call> vm_life_calls();

/// attach, detach, diskresize, disksaveas, disksnapshot*.
std::vector<Call> vm_disk_calls();

/// attachnic, detachnic, updatenic, attachsg, detachsg.
std::vector<Call> vm_nic_calls();

/// resize, updateconf, snapshot*, exec*, backup*, restore.
std::vector<Call> vm_guest_calls();

/// schedadd, schedupdate, scheddelete.
std::vector<Call> vm_schedule_calls();

/// The VM when the caller has the right that the operation's word ("disk-attach") needs.
Result<Ptr<Vm>> permitted_vm(const Draft& draft, const Context& call, int id,
                             std::string_view operation);

/// As history records keep him.
Caller caller_of(const Context& call);

/// The first vector of that name in a template given as text: Code::internal when it cannot be
/// read, `missing` when it is not there; Code::authorization when a caller who is no admin gives
/// what only admins may.
Result<Vector> given_vector(const Context& call, std::size_t place, std::string_view name,
                            const Error& missing);

}  // namespace nubo::api
