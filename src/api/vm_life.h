// SPDX-License-Identifier: Apache-2.0
// The calls that make VMs and move them through their lives: rows for the table of calls.
#pragma once

#include <vector>

#include "api/calls.h"

namespace nubo::api {

/// one.vm.allocate, one.template.instantiate.
std::vector<Call> vm_making_calls();

/// one.vm.action, deploy, migrate, recover.
std::vector<Call> vm_life_calls();

}  // namespace nubo::api
