// SPDX-License-Identifier: Apache-2.0
// What a network's template says of it (sheet objects.md §4.3, §4.7). Failures are Code::internal
// with the API's texts.
#pragma once

#include "api/context.h"
#include "base/result.h"
#include "model/virtual_network.h"

namespace nubo::api {

/// What making a network looks at beside its text.
struct NetworkMaking {
  const Snapshot& state;
  const Settings& settings;
};

/// Fills elements and template of a new network, whose id and name stand. AR vectors are left to
/// the caller.
Status describe_network(VirtualNetwork& network, Template given, const NetworkMaking& making);

/// Adds the AR vectors of a template. A wrong one leaves the network in state ERROR with the reason
/// (objects.md §4.3).
void add_ranges(const Draft& draft, VirtualNetwork& network, std::vector<Attribute> given,
                const Context& call);

/// After an update: elements follow the new template; what may not be left out is put back or
/// refused. `is_replace`: the new template stands for itself.
Status settle_update(VirtualNetwork& network, const Template& before, const Settings& settings);

}  // namespace nubo::api
